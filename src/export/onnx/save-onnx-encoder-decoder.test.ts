/** Exported T5 models against transformers (scripts/goldens/encoder_decoders.py), run as transformers.js runs them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { describeEncoderDecoder } from '../../models/registry.ts';
import { deviation, greatestDifference } from '../../tensor/testing/differences.ts';
import { newByt5Tokenizer } from '../../tokenizer/byt5-tokenizer.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import { openExportSource } from '../export-source.ts';
import { saveOnnx } from '../save-onnx.ts';
import { ExportedReader } from './exported-encoder-decoder.ts';
import { numbersOf, type OnnxForm } from './forms.ts';
import { type ExportedEncoderDecoder, openExportedEncoderDecoder } from './testing/exported-encoder-decoder.ts';
import type { OnnxOptions } from './write-onnx-folder.ts';

const golden = new URL('../../../test/golden/encoder-decoders/', import.meta.url).pathname;
const startId = 0;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-onnx-t5-'));
});
afterAll(() => rm(root, { recursive: true }));

let folders = 0;

async function save(path: string, options: OnnxOptions) {
  const source = await openExportSource(path);
  const folder = join(root, `${folders++}`);
  try {
    return { folder, report: await saveOnnx(folder, source, options) };
  } finally {
    await source.close();
  }
}

async function withExported<T>(folder: string, form: OnnxForm, work: (model: ExportedEncoderDecoder) => Promise<T>) {
  const model = await openExportedEncoderDecoder(folder, form);
  try {
    return await work(model);
  } finally {
    await model.release();
  }
}

interface Expected {
  readonly inputs: readonly number[][];
  readonly targets: readonly number[][];
  /** The likeliest tokens behind the start. */
  readonly answers: readonly number[][];
  /** [rows, longest target, vocabulary] */
  readonly logits: Float32Array;
}

async function expectedOf(name: string): Promise<Expected> {
  const file = await openSafetensors(join(golden, name, 'expected.safetensors'));
  const logits = new Float32Array(elementCount(file.tensors.get('logits')!.shape));
  await file.readAllInto([['logits', logits]]);
  await file.close();
  return { ...JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8')), logits };
}

/** What the decoder is given to say `targets`: each begins with the start and is padded behind its end. */
function givenOf(targets: readonly number[][]): number[][] {
  const length = Math.max(...targets.map((target) => target.length));
  return targets.map((target) => Array.from({ length }, (_, i) => (i === 0 ? startId : (target[i - 1] ?? 0))));
}

/** Logits of all tokens, read in pieces of these lengths. */
async function logitsInPieces(model: ExportedEncoderDecoder, expected: Expected, lengths: readonly number[]) {
  const memory = await model.read(expected.inputs, 0);
  const given = givenOf(expected.targets);
  const [rows, length] = [given.length, given[0].length];
  const vocabulary = expected.logits.length / rows / length;
  const all = new Float32Array(expected.logits.length);
  let [at, cache]: [number, Awaited<ReturnType<typeof model.write>>['cache'] | undefined] = [0, undefined];
  for (const piece of lengths) {
    const found = await model.write(
      memory,
      given.map((ids) => ids.slice(at, at + piece)),
      cache,
    );
    for (let row = 0; row < rows; row++) {
      const own = found.logits.subarray(row * piece * vocabulary, (row + 1) * piece * vocabulary);
      all.set(own, (row * length + at) * vocabulary);
    }
    [at, cache] = [at + piece, found.cache];
  }
  expect(at).toBe(length);
  return all;
}

describe.each(readdirSync(golden))('%s', (name) => {
  it('computes what transformers computes, beside padding, at once and over its cache', async () => {
    const expected = await expectedOf(name);
    const { folder } = await save(join(golden, name), { forms: ['fp32'] });
    const length = givenOf(expected.targets)[0].length;
    const bound = 1e-4 * Math.max(1, deviation(expected.logits));
    await withExported(folder, 'fp32', async (model) => {
      const atOnce = await logitsInPieces(model, expected, [length]);
      expect(greatestDifference(atOnce, expected.logits)).toBeLessThan(bound);
      const inPieces = await logitsInPieces(model, expected, [1, 5, ...Array<number>(length - 6).fill(1)]);
      expect(greatestDifference(inPieces, expected.logits)).toBeLessThan(bound);
    });
  });

  it('answers with the tokens of transformers', async () => {
    const { inputs, answers } = await expectedOf(name);
    const { folder } = await save(join(golden, name), { forms: ['fp32'] });
    await withExported(folder, 'fp32', async (model) => {
      for (const [i, input] of inputs.entries())
        expect(await answerOf(model, input, answers[i].length)).toEqual(answers[i]);
    });
  });

  it.each([
    ['fp16', 0.02],
    ['q8', 0.1],
    ['q4', 1],
  ] as const)('%s is near', async (form, bound) => {
    const expected = await expectedOf(name);
    const { folder } = await save(join(golden, name), { forms: [form] });
    const length = givenOf(expected.targets)[0].length;
    const found = await withExported(folder, form, (model) => logitsInPieces(model, expected, [length - 1, 1]));
    const difference = found.map((value, i) => value - expected.logits[i]);
    expect(deviation(difference) / deviation(expected.logits)).toBeLessThan(bound);
  });
});

/** Likeliest tokens one after the other, keys and values of those before in the cache. */
async function answerOf(model: ExportedEncoderDecoder, input: readonly number[], length: number): Promise<number[]> {
  const memory = await model.read([input], 0);
  const answer: number[] = [];
  let cache: Awaited<ReturnType<typeof model.write>>['cache'] | undefined;
  while (answer.length < length) {
    const found = await model.write(memory, [[answer.at(-1) ?? startId]], cache);
    answer.push(found.logits.reduce((best, value, i) => (value > found.logits[best] ? i : best), 0));
    cache = found.cache;
  }
  return answer;
}

describe('a folder', () => {
  it('has what transformers.js looks for, and a tokenizer that gives the ids of bytes', async () => {
    const { folder, report } = await save(join(golden, 'byt5'), { forms: ['fp32', 'q8'] });
    expect(report.files).toEqual({
      'encoder_model.onnx': 0,
      'decoder_model_merged.onnx': 0,
      'encoder_model_quantized.onnx': 0,
      'decoder_model_merged_quantized.onnx': 0,
    });
    expect(report.notes).toHaveLength(1);
    const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
    expect(json('config.json')).toMatchObject({
      model_type: 't5',
      is_encoder_decoder: true,
      num_decoder_layers: 2,
      decoder_start_token_id: 0,
    });
    expect(json('generation_config.json')).toEqual({ decoder_start_token_id: 0, eos_token_id: 1, pad_token_id: 0 });
    const [bytes, ours] = [await loadTokenizer(folder), newByt5Tokenizer()];
    expect(bytes.kind).toBe('byte-level BPE');
    for (const text of ['', 'Net income: 12.5 %', 'Zürich’s 金融 ☃\n\tend ', '<extra_id_0> </s>']) {
      expect(bytes.encode(text)).toEqual(ours.encode(text));
    }
    expect(bytes.encode('a <extra_id_3>', { allowSpecial: true })).toEqual(
      ours.encode('a <extra_id_3>', { allowSpecial: true }),
    );
  });

  it('of half precision computes in float32 what leaves its range', () => {
    // The runtime does so on a processor whatever the graph says, and not everywhere: so the graph is asked.
    const config = JSON.parse(readFileSync(join(golden, 'byt5', 'config.json'), 'utf8'));
    const { nodes } = new ExportedReader(describeEncoderDecoder(config), numbersOf.fp16).operators;
    const readersOf = (part: string) =>
      nodes.filter(({ input }) => input.some((name) => name.endsWith(`${part}.weight`))).map(({ opType }) => opType);
    expect(readersOf('DenseReluDense.wo')).toEqual(['Cast', 'Cast', 'Cast']);
    expect(readersOf('DenseReluDense.wi_0')).toEqual(['Gemm', 'Gemm', 'Gemm']);
  });

  it('that was interrupted is not there', async () => {
    const controller = new AbortController();
    controller.abort();
    const next = join(root, `${folders}`);
    await expect(save(join(golden, 't5'), { forms: ['fp32'], signal: controller.signal })).rejects.toThrow('abort');
    expect(existsSync(next)).toBe(false);
  });
});
