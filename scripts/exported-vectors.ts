/**
 * Vectors of encoders that were exported, made by transformers.js, beside our own:
 *
 *   npx tsx scripts/exported-vectors.ts TRANSFORMERS_JS
 *
 * TRANSFORMERS_JS is a folder in which `npm install @huggingface/transformers` was run. The encoders are the tiny ones of
 * test/golden/encoders, the texts those that fit into them. Prints the greatest difference of any number.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedder } from '../src/embed/embedder.ts';
import { openEncoderToExport, saveOnnxEncoder } from '../src/export/onnx/save-onnx-encoder.ts';
import { greatestDifference } from '../src/tensor/testing/differences.ts';

const [installed] = process.argv.slice(2);
if (installed === undefined) throw new Error('usage: exported-vectors.ts TRANSFORMERS_JS');
const golden = new URL('../test/golden/encoders/', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'finery-exported-'));
try {
  for (const name of ['minilm', 'bge', 'roberta-masked', 'e5']) {
    const embedder = await openEmbedder(golden + name, { threads: 1 });
    const texts = await fitting(JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8')).texts, embedder);
    const folder = join(root, name);
    const checkpoint = (await openEncoderToExport(golden + name))!;
    await saveOnnxEncoder(folder, checkpoint, { forms: ['fp32'] });
    await checkpoint.close();
    const { pooling, normalize } = embedder.settings;
    const input = JSON.stringify({ texts, pooling, normalize });
    const script = new URL('transformers-js-vectors.mjs', import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, installed, folder], { input });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    const theirs: number[][] = JSON.parse(stdout.toString());
    const ours = await embedder.embed(texts, { prefix: '' });
    const worst = Math.max(...ours.map((vector, i) => greatestDifference(theirs[i], vector)));
    console.log(`${name}: ${texts.length} texts, greatest difference ${worst.toExponential(1)}`);
    await embedder.close();
  }
} finally {
  rmSync(root, { recursive: true });
}

/** Each program cuts texts in its own way, and some tokenizers make nothing of an empty text. */
async function fitting(
  texts: readonly string[],
  embedder: Awaited<ReturnType<typeof openEmbedder>>,
): Promise<string[]> {
  const kept: string[] = [];
  for (const text of texts) {
    const cut = embedder.cutTexts;
    if (text === '') continue;
    await embedder.embed([text], { prefix: '' });
    if (embedder.cutTexts === cut) kept.push(text);
  }
  return kept;
}
