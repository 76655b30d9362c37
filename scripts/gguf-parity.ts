/**
 * Whether llama.cpp and Finery compute the same from the same GGUF files. A model is exported in every type; llama.cpp and
 * Finery open each file, and their token ids, the logits behind every token of some texts and greedy continuations are
 * compared.
 *
 *   node --import tsx scripts/gguf-parity.ts LLAMA [MODEL]
 *
 * LLAMA is a folder in which `npm install node-llama-cpp` was run; MODEL is a Hugging Face folder, by default assets/nano.
 * Exits with 1 where a bound is broken. The bounds of float types are those of rounding (llama.cpp keeps keys and values
 * in half precision); with quantised weights llama.cpp also rounds what they are multiplied with to 8 bits.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GgufDtype, ggufDtypes } from '../src/checkpoint/gguf/choose-type.ts';
import { saveGgufModel } from '../src/checkpoint/gguf/save-gguf-model.ts';
import { openModel } from '../src/generate/open-model.ts';
import { loadModel, type Model } from '../src/models/model.ts';
import { CausalLmProgram } from '../src/objectives/causal-lm/program.ts';
import { Engine } from '../src/runtime/engine.ts';
import { type LogitsAnswer, llamaCppAnswers } from './parity/llama-cpp-answers.ts';
import { continuation } from './parity/our-continuation.ts';
import { request } from './parity/request.ts';

const [llama, modelFolder = 'assets/nano'] = process.argv.slice(2);
if (llama === undefined) throw new Error('usage: gguf-parity.ts LLAMA [MODEL]');

/** Largest difference of logits, as a share of their deviation, and least share of places with the same best token. */
const bounds: Readonly<Record<GgufDtype, { readonly logits: number; readonly agreement: number }>> = {
  f32: { logits: 0.01, agreement: 1 },
  f16: { logits: 0.01, agreement: 1 },
  q8_0: { logits: 0.15, agreement: 0.95 },
  q4_0: { logits: 0.3, agreement: 0.95 },
  q4_k_m: { logits: 0.3, agreement: 0.95 },
};

async function ourAnswers(path: string): Promise<readonly LogitsAnswer[]> {
  const model = await loadModel(path);
  const opened = await openModel(path, { precision: 'f32', threads: 1 });
  const engine = new Engine({ threads: 1 });
  try {
    const answers: LogitsAnswer[] = [];
    for (const text of request.texts) {
      const ids = [...opened.tokenizer.encode(text, { addSpecialTokens: false })];
      const logits = await logitsOf(engine, model, ids);
      answers.push({ ids, logits, greedy: await continuation(opened, ids.slice(0, request.promptTokens)) });
    }
    return answers;
  } finally {
    await engine.close();
    await opened.close();
  }
}

/** By the segments that train and score. */
async function logitsOf(engine: Engine, { decoder, parameters }: Model, ids: readonly number[]): Promise<Float32Array> {
  const { length } = ids;
  const program = new CausalLmProgram(engine, decoder, parameters, { rows: 1, length });
  try {
    return await program.logits({
      rows: 1,
      length,
      ids: Int32Array.from(ids),
      positions: Int32Array.from(ids, (_, i) => i),
      segments: new Int32Array(length).fill(1),
      labels: new Int32Array(length).fill(-100),
    });
  } finally {
    program.release();
  }
}

const argmax = (row: Float32Array): number => row.reduce((best, value, i) => (value > row[best] ? i : best), 0);

/** Differences of the logits of one text, by the deviation of each row. */
function compareLogits(ours: LogitsAnswer, theirs: LogitsAnswer) {
  const vocabulary = ours.logits.length / ours.ids.length;
  let [squares, largest, agree] = [0, 0, 0];
  for (let place = 0; place < ours.ids.length; place++) {
    const [a, b] = [ours, theirs].map(({ logits }) => logits.subarray(place * vocabulary, (place + 1) * vocabulary));
    const mean = a.reduce((sum, x) => sum + x, 0) / vocabulary;
    const deviation = Math.sqrt(a.reduce((sum, x) => sum + (x - mean) ** 2, 0) / vocabulary);
    for (const [i, x] of a.entries()) {
      const difference = Math.abs(x - b[i]) / deviation;
      squares += difference ** 2;
      largest = Math.max(largest, difference);
    }
    agree += Number(argmax(a) === argmax(b));
  }
  return { squares, count: ours.logits.length, largest, agree, places: ours.ids.length };
}

function compare(dtype: GgufDtype, ours: readonly LogitsAnswer[], theirs: readonly LogitsAnswer[]): boolean {
  const sameIds = ours.every(({ ids }, i) => ids.join() === theirs[i].ids.join());
  if (!sameIds) {
    console.log(`${dtype}: OTHER IDS`);
    return false;
  }
  const each = ours.map((answer, i) => compareLogits(answer, theirs[i]));
  const total = (of: (one: (typeof each)[number]) => number): number => each.reduce((sum, one) => sum + of(one), 0);
  const rms = Math.sqrt(total(({ squares }) => squares) / total(({ count }) => count));
  const largest = Math.max(...each.map((one) => one.largest));
  const agreement = total(({ agree }) => agree) / total(({ places }) => places);
  const greedy = ours.filter((answer, i) => answer.greedy.join() === theirs[i].greedy.join()).length;
  const holds = largest <= bounds[dtype].logits && agreement >= bounds[dtype].agreement;
  console.log(
    [
      `${dtype}: same ids`,
      `logits differ by ${rms.toExponential(1)} (rms) and ${largest.toExponential(1)} (largest) of their deviation`,
      `best token agrees at ${(100 * agreement).toFixed(1)}% of ${total(({ places }) => places)} places`,
      `${greedy} of ${ours.length} greedy continuations are the same over ${request.greedyTokens} tokens`,
      holds ? 'holds' : 'BROKEN',
    ].join('; '),
  );
  return holds;
}

const folder = await mkdtemp(join(tmpdir(), 'finery-gguf-parity-'));
try {
  const { config, decoder, parameters, tokenizer } = await loadModel(modelFolder);
  const tensors = decoder.parameters.map(({ name, shape }) => ({ name, shape, data: parameters.get(name)!.weight }));
  for (const dtype of ggufDtypes) {
    const path = join(folder, `${dtype}.gguf`);
    await saveGgufModel(path, { config, tensors, tokenizer, dtype });
    if (!compare(dtype, await ourAnswers(path), llamaCppAnswers(llama, path, 'F16'))) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true });
}
