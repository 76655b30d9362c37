/** What a step computes may depend on its examples only: not on how they are packed, placed, split or masked. */
import { afterAll, describe, expect, it } from 'vitest';
import { layOut, type PackedBatch } from '../../src/data/packed-batch.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { gradientsOf, randomStore, tinyModel, worstRelativeError } from '../support/tiny-model.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const lengths = [37, 5, 60, 18, 90, 2, 41, 9];
const store = randomStore(3, lengths);

/** The documents of each row, one after the other. */
function batchOf(rows: readonly (readonly number[])[], length: number): PackedBatch {
  const pieces = rows.map((documents) =>
    documents.map((document) => {
      return { source: 0, index: document, document, start: 0, length: store.length(document), parts: 1 };
    }),
  );
  return layOut(pieces, [store], { rows: rows.length, length });
}

async function gradients(batches: readonly PackedBatch[], weight: (batch: PackedBatch) => number) {
  const model = tinyModel();
  const [{ rows, length }] = batches;
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length, whole: false });
  for (const [i, batch] of batches.entries()) {
    await program.forwardBackward(batch, { labelWeight: weight(batch), accumulate: i > 0 });
  }
  program.release();
  return gradientsOf(model);
}

const labelsOf = (batches: readonly PackedBatch[]) => batches.reduce((sum, { labelCount }) => sum + labelCount, 0);

describe('packing', () => {
  const packed = batchOf(
    [
      [0, 2, 4],
      [1, 3, 5, 6, 7],
    ],
    192,
  );
  const alone = lengths.map((_, document) => batchOf([[document]], 96));

  it('gives each example the gradient that it has alone', async () => {
    const together = await gradients([packed], () => 1 / packed.labelCount);
    const oneByOne = await gradients(alone, () => 1 / labelsOf(alone));
    expect(worstRelativeError(together, oneByOne)).toBeLessThan(1e-5);
  });

  it('does not without segments: the control sees what leaks', async () => {
    const leaking = { ...packed, segments: packed.segments.map((segment) => Math.min(segment, 1)) };
    const together = await gradients([leaking], () => 1 / packed.labelCount);
    const oneByOne = await gradients(alone, () => 1 / labelsOf(alone));
    expect(worstRelativeError(together, oneByOne)).toBeGreaterThan(1e-2);
  });
});

describe('position', () => {
  it('restarts in each example: its logits are the same at places 0 and 77', async () => {
    const { decoder, parameters } = tinyModel();
    const length = 128;
    const ids = store.ids(0);
    const at = async (place: number, stretch = 1) => {
      const zeros = () => new Int32Array(length);
      const batch = { rows: 1, length, ids: zeros(), segments: zeros(), positions: zeros(), labels: zeros().fill(-1) };
      batch.ids.set(ids, place);
      batch.segments.fill(2, place, place + ids.length).fill(1, 0, place);
      for (let i = 0; i < ids.length; i++) batch.positions[place + i] = i * stretch;
      const program = new CausalLmProgram(engine, decoder, parameters, batch);
      const vocabulary = decoder.sizes.vocabulary;
      const logits = (await program.logits(batch)).slice(place * vocabulary, (place + ids.length) * vocabulary);
      program.release();
      return logits;
    };
    const [first, later] = [await at(0), await at(77)];
    expect(Math.max(...first.map((logit, i) => Math.abs(logit - later[i])))).toBeLessThan(1e-5);
    const stretched = await at(77, 2);
    expect(Math.max(...first.map((logit, i) => Math.abs(logit - stretched[i])))).toBeGreaterThan(1e-2);
  });
});

describe('accumulation', () => {
  const rows = lengths.map((_, document) => batchOf([[document]], 96));
  const eight = [
    batchOf(
      lengths.map((_, document) => [document]),
      96,
    ),
  ];
  const four = [batchOf([[0], [1], [2], [3]], 96), batchOf([[4], [5], [6], [7]], 96)];

  it('gives the same gradient for 1 x 8, 2 x 4 and 8 x 1 examples of unequal length', async () => {
    const labels = labelsOf(eight);
    const whole = await gradients(eight, () => 1 / labels);
    expect(worstRelativeError(await gradients(four, () => 1 / labels), whole)).toBeLessThan(1e-5);
    expect(worstRelativeError(await gradients(rows, () => 1 / labels), whole)).toBeLessThan(1e-5);
  });

  it('differs from the mean of micro-batch means', async () => {
    const whole = await gradients(eight, () => 1 / labelsOf(eight));
    const means = await gradients(rows, ({ labelCount }) => 1 / labelCount / rows.length);
    expect(worstRelativeError(means, whole)).toBeGreaterThan(1e-2);
  });
});

describe('what the backward pass recomputes', () => {
  it('changes no bit of the gradient', async () => {
    const batch = batchOf([[0, 2], [4]], 128);
    const of = async (keep: 'activations' | 'inputs') => {
      const model = tinyModel();
      const program = new CausalLmProgram(engine, model.decoder, model.parameters, { ...batch, keep, whole: false });
      await program.forwardBackward(batch, { labelWeight: 1 / batch.labelCount, accumulate: false });
      program.release();
      return gradientsOf(model);
    };
    expect(worstRelativeError(await of('inputs'), await of('activations'))).toBe(0);
  });
});

describe('labels', () => {
  it('count where they are to be learnt, and nowhere else', async () => {
    const { decoder, parameters } = tinyModel();
    const batch = batchOf([[0, 1], [6]], 64);
    const program = new CausalLmProgram(engine, decoder, parameters, batch);
    const loss = async (labels: Int32Array) => {
      return program.forwardBackward({ ...batch, labels }, { labelWeight: 1, accumulate: false });
    };
    const full = await loss(batch.labels);
    const trained = batch.labels.findIndex((label) => label >= 0);
    const masked = batch.labels.with(trained, -1);
    const without = await loss(masked);
    expect(without).toBeLessThan(full);
    // Another target where none is learnt changes nothing; where one is learnt, it does.
    expect((await program.score({ ...batch, labels: masked }))[trained]).toBe(0);
    expect(await loss(batch.labels.with(trained, (batch.labels[trained] + 1) % 61))).not.toBe(full);
    // Brute force: the sum over single labels is the loss of all.
    let sum = 0;
    for (const [place, label] of batch.labels.entries()) {
      if (label >= 0) sum += await loss(new Int32Array(batch.labels.length).fill(-1).with(place, label));
    }
    expect(Math.abs(sum - full) / full).toBeLessThan(1e-6);
    program.release();
  });
});
