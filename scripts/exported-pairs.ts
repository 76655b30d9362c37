/**
 * Whether programs that open what Finery writes of an encoder-decoder answer as Finery does: transformers.js the ONNX
 * folder, llama.cpp the GGUF file, in each of their forms. Models are small, with all parameters random: one of bytes, one
 * with a tied head over scaled states and ReLU (T5), one gated with a head of its own (T5 1.1); and one that has learnt to
 * turn words around. Prints how many answers are the same; exits with 1 where a token differs that float32 gives.
 *
 *   npx tsx scripts/exported-pairs.ts --transformers-js FOLDER --llama FOLDER
 *
 * The folders are ones in which `npm install @huggingface/transformers` or `npm install node-llama-cpp` was run; a program
 * that is not given is left out.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ggufDtypes } from '../src/checkpoint/gguf/choose-type.ts';
import { smallUnigram } from '../src/checkpoint/gguf/testing/small-unigram.ts';
import { openExportSource } from '../src/export/export-source.ts';
import { onnxForms } from '../src/export/onnx/forms.ts';
import { saveGguf } from '../src/export/save-gguf.ts';
import { saveOnnx } from '../src/export/save-onnx.ts';
import type { JsonObject } from '../src/files/json-file.ts';
import { Seq2SeqGenerator } from '../src/generate/seq2seq/seq2seq-generator.ts';
import {
  type EncoderDecoderModel,
  initEncoderDecoder,
  loadEncoderDecoder,
  saveEncoderDecoder,
} from '../src/models/encoder-decoder-model.ts';
import { layOutPairs } from '../src/objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../src/objectives/seq2seq/program.ts';
import { trainWordReverser, unseenWords, wordPairs } from '../src/objectives/seq2seq/testing/word-reverser.ts';
import { stream } from '../src/random/stream.ts';
import { Engine } from '../src/runtime/engine.ts';
import { deviation } from '../src/tensor/testing/differences.ts';
import { newByt5Tokenizer } from '../src/tokenizer/byt5-tokenizer.ts';
import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { askProgram } from './parity/ask-program.ts';
import { type Answer, request } from './parity/request.ts';

const { values: programs } = parseArgs({
  options: { 'transformers-js': { type: 'string' }, llama: { type: 'string' } },
});
const { 'transformers-js': transformersJs, llama } = programs;
if (transformersJs === undefined && llama === undefined)
  throw new Error('usage: exported-pairs.ts [--transformers-js FOLDER] [--llama FOLDER]');

const sizes = { d_model: 64, d_kv: 24, d_ff: 96, num_heads: 4, num_layers: 3, num_decoder_layers: 2 };
const base: JsonObject = { model_type: 't5', ...sizes, pad_token_id: 0, eos_token_id: 1, decoder_start_token_id: 0 };
const gated = { feed_forward_proj: 'gated-gelu', tie_word_embeddings: false };

const models: Readonly<Record<string, { readonly config: JsonObject; readonly tokenizer: Tokenizer }>> = {
  bytes: { config: { ...base, ...gated }, tokenizer: newByt5Tokenizer() },
  tied: { config: base, tokenizer: smallUnigram() },
  gated: { config: { ...base, ...gated }, tokenizer: smallUnigram() },
};

/** Weights at which attention is selective and logits spread. */
function randomModel(name: string): EncoderDecoderModel {
  const { config, tokenizer } = models[name];
  const model = initEncoderDecoder({ ...config, vocab_size: tokenizer.vocabSize }, { seed: 1, tokenizer });
  for (const { name: parameter, shape, initialization } of model.architecture.parameters) {
    const { weight } = model.parameters.get(parameter)!;
    const random = stream(2, name, parameter);
    const middle = 'constant' in initialization ? initialization.constant : 0;
    const deviation = shape.length === 1 ? 0.3 : parameter.includes('bias') ? 1.5 : deviationOf(parameter, shape);
    for (let i = 0; i < weight.length; i++) weight[i] = middle + deviation * random.normal();
  }
  return model;
}

/** Scores are not divided by the root of a head's width. */
const deviationOf = (name: string, [, input]: readonly number[]): number =>
  (/\.q\./.test(name) ? 0.3 : /shared|lm_head/.test(name) ? 2 : 1.4) / Math.sqrt(input);

const engine = new Engine({ threads: 1 });

interface PairAnswer extends Answer {
  /** Of the first token. */
  readonly logits: Float32Array;
}

interface Asked {
  readonly texts: readonly string[];
  /** Tokens of an answer. */
  readonly greedyTokens: number;
}

async function ourAnswers(path: string, { texts, greedyTokens }: Asked): Promise<readonly PairAnswer[]> {
  const { architecture, parameters, tokenizer } = await loadEncoderDecoder(path);
  const ids = texts.map((text) => [...tokenizer!.encode(text)]);
  const inputLength = Math.max(...ids.map(({ length }) => length));
  const options = { rows: ids.length, inputLength, maxTokens: greedyTokens };
  const generator = new Seq2SeqGenerator(engine, { ...architecture, endIds: [] }, parameters, options);
  const answers = await generator.generate(ids);
  generator.release();
  const { startId, sizes } = architecture;
  const pairs = ids.map((input, i) => ({ input, target: answers[i].ids.slice(0, 1) }));
  const batch = layOutPairs(pairs, { rows: ids.length, inputLength, targetLength: 1, startId });
  const program = new Seq2SeqProgram(engine, architecture, parameters, batch);
  const logits = await program.logits(batch);
  program.release();
  return ids.map((input, i) => {
    const row = logits.slice(i * sizes.vocabulary, (i + 1) * sizes.vocabulary);
    return { ids: input, greedy: [...answers[i].ids], logits: row };
  });
}

function ask(script: string, words: readonly string[], asked: Asked): readonly PairAnswer[] {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const answers = askProgram<Answer & { readonly logits: string }>(process.execPath, [path, ...words], asked);
  return answers.map((answer) => {
    const bytes = Uint8Array.from(Buffer.from(answer.logits, 'base64'));
    return { ...answer, logits: new Float32Array(bytes.buffer) };
  });
}

/** Words that the model has not seen, and as many tokens as the shortest of their answers has with its end. */
const words = (tokenizer: Tokenizer): Asked => ({
  texts: wordPairs(unseenWords).map(({ input }) => tokenizer.decode(input, { skipSpecialTokens: true })),
  greedyTokens: 3,
});

/** Where node-llama-cpp keeps the libraries of llama.cpp for this processor. */
function librariesOf(installed: string): string {
  const scope = join(installed, 'node_modules/@node-llama-cpp');
  const name = `${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`;
  const folder = readdirSync(scope).find((one) => one.startsWith(name) && existsSync(join(scope, one, 'bins', one)));
  if (folder === undefined) throw new Error(`${scope} has no libraries for ${name}`);
  return join(scope, folder, 'bins', folder);
}

const root = mkdtempSync(join(tmpdir(), 'finery-exported-pairs-'));
try {
  for (const name of [...Object.keys(models), 'words']) {
    const folder = join(root, name);
    const model = name === 'words' ? (await trainWordReverser(engine)).model : randomModel(name);
    await saveEncoderDecoder(folder, model, { dtype: 'f32' });
    const asked = name === 'words' ? words(model.tokenizer!) : request;
    const exact = await ourAnswers(folder, asked);
    const source = await openExportSource(folder);
    if (transformersJs !== undefined) {
      const out = join(root, `${name}-onnx`);
      await saveOnnx(out, source, { forms: onnxForms });
      for (const form of onnxForms) {
        const theirs = ask('transformers-js-pairs.mjs', [transformersJs, out, form], asked);
        report(`${name}, transformers.js ${form}`, exact, theirs, form === 'fp32');
      }
    }
    for (const dtype of llama === undefined ? [] : ggufDtypes) {
      const path = join(root, `${name}-${dtype}.gguf`);
      await saveGguf(path, source, { dtype });
      const theirs = ask('llama-cpp-pairs.mjs', [librariesOf(llama!), path], asked);
      // Of the same weights: what a form costs by itself is no matter of who computes it.
      report(`${name}, llama.cpp ${dtype}`, await ourAnswers(path, asked), theirs, dtype === 'f32');
    }
    await source.close();
  }
} finally {
  rmSync(root, { recursive: true });
  await engine.close();
}

function report(what: string, ours: readonly PairAnswer[], theirs: readonly PairAnswer[], isExact: boolean): void {
  const sameIds = ours.filter(({ ids }, i) => ids.join() === theirs[i].ids.join()).length;
  const common = ours.map(({ greedy }, i) => {
    const first = greedy.findIndex((id, k) => id !== theirs[i].greedy[k]);
    return first < 0 ? greedy.length : first;
  });
  const same = common.filter((length, i) => length === ours[i].greedy.length).length;
  const tokens = common.reduce((sum, length) => sum + length, 0);
  const all = ours.reduce((sum, { greedy }) => sum + greedy.length, 0);
  const differences = ours.map(({ logits }, i) => {
    return deviation(logits.map((value, k) => value - theirs[i].logits[k])) / deviation(logits);
  });
  const parts = [
    `ids of ${sameIds} of ${ours.length} texts`,
    `${same} answers and ${tokens} of ${all} tokens up to the first other one are the same`,
    `logits of the first token differ by up to ${Math.max(...differences).toExponential(1)} of their deviation`,
  ];
  console.log(`${what}: ${parts.join('; ')}`);
  if (isExact && (sameIds < ours.length || same < ours.length)) process.exitCode = 1;
}
