/** A whole step of contrastive training against PyTorch (scripts/goldens/encoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { loadEncoder } from '../../models/encoder-model.ts';
import { Engine } from '../../runtime/engine.ts';
import { relativeError } from '../../tensor/testing/differences.ts';
import type { Pooling } from '../encoder/text-batch.ts';
import type { Keep } from '../layers/graphs.ts';
import type { ContrastiveBatch } from './batch.ts';
import { leftOut } from './loss.ts';
import { alikeLeftOut, ContrastiveProgram } from './program.ts';

const golden = new URL('../../../test/golden/encoders/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const poolingOf: Readonly<Record<string, Pooling>> = { bge: 'cls', qwen3: 'last' };

interface Expected {
  readonly ids: readonly number[][];
  readonly temperature: number;
  readonly matryoshka: readonly number[];
  readonly loss: number;
}

async function load(name: string) {
  const folder = new URL(`${name}/`, golden).pathname;
  const expected: Expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'));
  const file = await openSafetensors(`${folder}expected.safetensors`);
  const byParameter = new Map<string, Float32Array>();
  for (const [tensor, { shape }] of file.tensors) {
    if (tensor.startsWith('gradient.')) byParameter.set(tensor, new Float32Array(elementCount(shape)));
  }
  await file.readAllInto(byParameter);
  await file.close();
  const texts = expected.ids.map((ids) => Int32Array.from(ids));
  const half = texts.length / 2;
  const batch: ContrastiveBatch = {
    queries: texts.slice(0, half),
    documents: texts.slice(half),
    labelCount: half,
    tokens: 0,
    examples: texts.length,
  };
  return { model: await loadEncoder(folder, 'training'), expected, byParameter, batch };
}

describe.each(readdirSync(golden))('%s', (name) => {
  it.each<Keep>(['activations', 'inputs'])("loss and gradients are PyTorch's, with %s kept", async (keep) => {
    const { model, expected, byParameter, batch } = await load(name);
    for (const { gradient } of model.parameters.values()) gradient.fill(7);
    const { temperature, matryoshka: widths } = expected;
    const options = { temperature, widths, pooling: poolingOf[name] ?? 'mean', keep };
    const program = new ContrastiveProgram(engine, model, options);
    const loss = await program.forwardBackward(batch, { labelWeight: 1 / batch.labelCount, accumulate: false });
    expect(loss / batch.labelCount).toBeCloseTo(expected.loss, 5);
    for (const [parameter, { gradient }] of model.parameters) {
      // Names in PyTorch are those of the model without a head.
      const inTorch = byParameter.get(`gradient.${parameter.replace(/^model\./, '')}`)!;
      const size = Math.hypot(...inTorch);
      // What softmax takes out again: every key's bias moves all scores of a query alike.
      if (parameter.endsWith('key.bias')) expect(Math.hypot(...gradient) + size).toBeLessThan(1e-4);
      else expect(relativeError(gradient, inTorch), parameter).toBeLessThan(1e-4);
    }
    program.release();
  });
});

it('adds to the gradients that are there', async () => {
  const { model, batch } = await load('minilm');
  const program = new ContrastiveProgram(engine, model, { temperature: 0.05, pooling: 'mean' });
  const run = (accumulate: boolean) => program.forwardBackward(batch, { labelWeight: 1, accumulate });
  await run(false);
  const once = new Map([...model.parameters].map(([name, { gradient }]) => [name, gradient.slice()]));
  await run(true);
  for (const [name, { gradient }] of model.parameters) {
    const twice = once.get(name)!.map((x) => 2 * x);
    if (!name.endsWith('key.bias')) expect(relativeError(gradient, twice), name).toBeLessThan(1e-5);
  }
  program.release();
});

it('takes a number of negatives that is no multiple of the queries', async () => {
  const { model, batch } = await load('minilm');
  const [extra] = batch.queries;
  const program = new ContrastiveProgram(engine, model, { temperature: 0.05, pooling: 'mean' });
  const run = (documents: readonly Int32Array[]) =>
    program.forwardBackward({ ...batch, documents }, { labelWeight: 1, accumulate: false });
  const alone = await run(batch.documents);
  const one = await run([...batch.documents, extra]);
  const four = await run([...batch.documents, extra, extra, extra, extra]);
  expect(one).toBeGreaterThan(alone + 0.01);
  expect(four).toBeGreaterThan(one + 0.01);
  for (const { gradient } of model.parameters.values()) expect(gradient.every(Number.isFinite)).toBe(true);
  program.release();
});

describe('what is no negative', () => {
  it('is the same text as the own document, and a document of the same query', () => {
    const ids = (...list: number[]) => Int32Array.from(list);
    const queries = [ids(1), ids(2), ids(1)];
    const documents = [ids(5), ids(6), ids(7), ids(6), ids(8)];
    const excluded = alikeLeftOut({ queries, documents });
    const rows = queries.map((_, i) => [...excluded.subarray(5 * i, 5 * i + 5)].map((x) => x === Math.fround(leftOut)));
    expect(rows).toEqual([
      [false, false, true, false, false],
      [false, false, false, true, false],
      [true, false, false, false, false],
    ]);
  });
});
