/**
 * Whether llama.cpp makes the tokens that Finery makes with vocabularies of SentencePiece. Small models with those of
 * test/golden/sentence-piece.json are exported; llama.cpp and Finery read the file, Finery also the tokenizer it came from.
 *
 *   node --import tsx scripts/sentence-piece-parity.ts LLAMA
 *
 * LLAMA is a folder in which `npm install node-llama-cpp` was run. The texts are those of the golden file and 1,000 of pieces and
 * characters that are drawn; rows of ▁ are left out, which Gemma finds before spaces become ▁ and llama.cpp does not. Exits
 * with 1 where ids differ.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { saveGgufModel } from '../src/checkpoint/gguf/save-gguf-model.ts';
import { smallConfig, smallWeights } from '../src/checkpoint/gguf/testing/written-model.ts';
import { loadModel } from '../src/models/model.ts';
import { stream } from '../src/random/stream.ts';
import { tokenizerOf } from '../src/tokenizer/load.ts';
import { askProgram } from './parity/ask-program.ts';
import type { Answer } from './parity/request.ts';

const [llama] = process.argv.slice(2);
if (llama === undefined) throw new Error('usage: sentence-piece-parity.ts LLAMA');

interface Golden {
  readonly texts: readonly string[];
  readonly cases: Readonly<Record<string, { readonly tokenizer: object; readonly pieces: readonly [string][] }>>;
}
const path = fileURLToPath(new URL('../test/golden/sentence-piece.json', import.meta.url));
const golden: Golden = JSON.parse(await readFile(path, 'utf8'));
const frames: Readonly<Record<string, object>> = {
  llama: { bos_token: '<s>', eos_token: '</s>' },
  gemma: { bos_token: '<bos>', eos_token: '<eos>' },
};
/** In no vocabulary, or at its edges. */
const strange = [
  ' ',
  '  ',
  '\n',
  '\t',
  '▁',
  '\u00a0',
  '\u0301',
  '\ufeff',
  '☃',
  '𝔘',
  '\u{1f468}\u200d\u{1f469}',
  'ß',
  '<',
  '0x',
];

function drawnTexts(pieces: readonly string[], name: string): readonly string[] {
  const random = stream(1, 'texts', name);
  const draw = (list: readonly string[]): string => list[random.below(list.length)];
  return Array.from({ length: 1_000 }, () =>
    Array.from({ length: 12 }, () => {
      const one = draw(random.float() < 0.75 ? pieces : strange);
      return random.float() < 0.5 ? one.replaceAll('▁', ' ') : [...one].slice(0, 1 + random.below(4)).join('');
    }).join(''),
  ).filter((text) => !text.includes('▁▁'));
}

const folder = await mkdtemp(join(tmpdir(), 'finery-sentence-piece-'));
try {
  for (const [name, { tokenizer: json, pieces }] of Object.entries(golden.cases)) {
    const file = (name: string, value: object) => ({ name, bytes: Buffer.from(JSON.stringify(value)) });
    const tokenizer = tokenizerOf([file('tokenizer.json', json), file('tokenizer_config.json', frames[name])]);
    const config = { ...smallConfig, vocab_size: tokenizer.vocabSize };
    const path = join(folder, `${name}.gguf`);
    await saveGgufModel(path, { config, tensors: smallWeights(config), tokenizer, dtype: 'f32' });
    const again = (await loadModel(path)).tokenizer!;
    const texts = [
      ...golden.texts,
      ...drawnTexts(
        pieces.map(([piece]) => piece),
        name,
      ),
    ];
    const program = fileURLToPath(new URL('llama-cpp.mjs', import.meta.url));
    const asked = { texts, promptTokens: 1, greedyTokens: 0 };
    const theirs = askProgram<Answer>(process.execPath, [program, llama, path, 'F16'], asked);
    const plain = { addSpecialTokens: false };
    const other = texts.filter((text, i) => {
      const each = [tokenizer.encode(text, plain), again.encode(text, plain), theirs[i].ids].map(String);
      if (new Set(each).size > 1) console.log(JSON.stringify(text), each);
      return new Set(each).size > 1;
    });
    console.log(`${name}: same ids of ${texts.length - other.length} of ${texts.length} texts`);
    if (other.length > 0) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true });
}
