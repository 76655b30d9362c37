/**
 * Vectors of encoders that were exported, made by other programs, beside our own:
 *
 *   npx tsx scripts/exported-vectors.ts --transformers-js FOLDER --llama FOLDER
 *
 * The folders are ones in which `npm install @huggingface/transformers` or `npm install node-llama-cpp` was run; a program
 * that is not given is left out. The models are the tiny ones of test/golden/encoders, a decoder among them, and
 * two with all parameters random whose rows blocks of 256 divide, one of which reads bytes; the texts are those that fit into them.
 * Prints the greatest difference of any number of a vector and, of length 1, the greatest distance from a cosine of 1.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ggufDtypes } from '../src/checkpoint/gguf/choose-type.ts';
import { smallTokenizer } from '../src/checkpoint/gguf/testing/written-model.ts';
import { type Embedder, openEmbedder } from '../src/embed/embedder.ts';
import { cosine, normalizeVector } from '../src/embed/vectors.ts';
import { type ExportSource, openExportSource } from '../src/export/export-source.ts';
import { saveGguf } from '../src/export/save-gguf.ts';
import { saveOnnx } from '../src/export/save-onnx.ts';
import { initEncoder, loadEncoder, saveEncoder } from '../src/models/encoder-model.ts';
import { stream } from '../src/random/stream.ts';
import { greatestDifference } from '../src/tensor/testing/differences.ts';
import { tokenizerOf } from '../src/tokenizer/load.ts';

const { values: programs } = parseArgs({
  options: { 'transformers-js': { type: 'string' }, llama: { type: 'string' } },
});
const { 'transformers-js': transformersJs, llama } = programs;
if (transformersJs === undefined && llama === undefined)
  throw new Error('usage: exported-vectors.ts [--transformers-js FOLDER] [--llama FOLDER]');

const golden = new URL('../test/golden/encoders/', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'finery-exported-'));
try {
  for (const name of ['minilm', 'bge', 'roberta-masked', 'e5', 'qwen3', 'wide', 'bytes']) {
    const folder = name === 'wide' || name === 'bytes' ? await writeRandomModel(name) : golden + name;
    const embedder = await openEmbedder(folder, { threads: 1 });
    const { texts: all } = JSON.parse(readFileSync(join(golden, 'minilm/expected.json'), 'utf8'));
    const texts = await fitting(all, embedder);
    const ours = (await embedder.embed(texts, { prefix: '' })).map(normalizeVector);
    const source = await openExportSource(folder);
    for (const [form, vectors] of await answers(source, { name, texts, pooling: embedder.settings.pooling })) {
      const theirs = vectors.map((vector) => normalizeVector(Float32Array.from(vector)));
      const worst = Math.max(...ours.map((vector, i) => greatestDifference(theirs[i], vector)));
      const distance = Math.max(...ours.map((vector, i) => 1 - cosine(theirs[i], vector)));
      console.log(
        `${name}, ${form}: ${texts.length} texts, greatest difference ${worst.toExponential(1)}, 1 - cosine ${distance.toExponential(1)}`,
      );
    }
    await source.close();
    await embedder.close();
  }
} finally {
  rmSync(root, { recursive: true });
}

/** A BERT with the vocabulary of a tiny one, or a RoBERTa of bytes, by name; all parameters random. */
async function writeRandomModel(name: string): Promise<string> {
  const { config, tokenizer } = name === 'wide' ? await loadEncoder(`${golden}minilm`) : byteModel();
  const sizes = { hidden_size: 256, intermediate_size: 512, num_attention_heads: 8 };
  const model = initEncoder({ ...config, ...sizes }, { seed: 1, tokenizer });
  for (const { name: parameter, shape, initialization } of model.encoder.parameters) {
    const random = stream(2, parameter);
    const middle = 'constant' in initialization ? initialization.constant : 0;
    const deviation = shape.length === 1 ? 0.3 : 1.4 / Math.sqrt(shape[1]);
    const { weight } = model.parameters.get(parameter)!;
    for (let i = 0; i < weight.length; i++) weight[i] = middle + deviation * random.normal();
  }
  const folder = join(root, `${name}-folder`);
  await saveEncoder(folder, model, { dtype: 'f32' });
  return folder;
}

function byteModel() {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const base = smallTokenizer({ preTokenizer: byteLevel });
  const around = { sep: ['<|end|>', 260], cls: ['<|im_end|>', 261], add_prefix_space: false, trim_offsets: true };
  const changes: Readonly<Record<string, object>> = {
    'tokenizer.json': { post_processor: { type: 'RobertaProcessing', ...around } },
    'tokenizer_config.json': { bos_token: '<|im_end|>', pad_token: '<think>' },
  };
  const files = base.files.map(({ name, bytes }) => {
    const json = { ...JSON.parse(Buffer.from(bytes).toString()), ...changes[name] };
    return { name, bytes: Buffer.from(JSON.stringify(json)) };
  });
  const tokenizer = tokenizerOf(files);
  const sizes = { num_hidden_layers: 2, vocab_size: tokenizer.vocabSize, max_position_embeddings: 130 };
  return { config: { model_type: 'roberta', type_vocab_size: 1, ...sizes }, tokenizer };
}

interface Request {
  readonly name: string;
  readonly texts: readonly string[];
  readonly pooling: string;
}

/** Vectors by each program, of each form that it is asked for. */
async function answers(source: ExportSource, { name, texts, pooling }: Request) {
  const found: [form: string, vectors: readonly number[][]][] = [];
  // A decoder is exported with its head, which feature extraction does not know.
  if (transformersJs !== undefined && source.kind === 'encoder') {
    const folder = join(root, name);
    await saveOnnx(folder, source, { forms: ['fp32'] });
    const request = { texts, pooling, normalize: true };
    found.push(['transformers.js fp32', ask('transformers-js-vectors.mjs', [transformersJs, folder], request)]);
  }
  for (const dtype of llama === undefined ? [] : ggufDtypes) {
    const path = join(root, `${name}-${dtype}.gguf`);
    await saveGguf(path, source, { dtype });
    found.push([`llama.cpp ${dtype}`, ask('llama-cpp-vectors.mjs', [llama!, path], { texts })]);
  }
  return found;
}

function ask(script: string, words: readonly string[], request: object): readonly number[][] {
  const path = new URL(script, import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], { input: JSON.stringify(request) });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return JSON.parse(stdout.toString());
}

/** Each program cuts texts in its own way, and some tokenizers make nothing of an empty text. */
async function fitting(texts: readonly string[], embedder: Embedder): Promise<string[]> {
  const kept: string[] = [];
  for (const text of texts) {
    const cut = embedder.cutTexts;
    if (text === '') continue;
    await embedder.embed([text], { prefix: '' });
    if (embedder.cutTexts === cut) kept.push(text);
  }
  return kept;
}
