import { afterAll, describe, expect, it } from 'vitest';
import { matmul } from '../../graph/ops/linear.ts';
import { Engine } from '../../runtime/engine.ts';
import type { HeadedModel } from './head-graphs.ts';
import { ParameterBuffers } from './parameter-buffers.ts';
import { headChunks, VocabularyHead } from './vocabulary-head.ts';
import { Workspace } from './workspace.ts';

const engine = new Engine({ threads: 1 });
const workspaces: Workspace[] = [];
afterAll(async () => {
  for (const workspace of workspaces) workspace.release();
  await engine.close();
});

const [hidden, vocabulary, count] = [3, 5, 7];
const model: HeadedModel = {
  sizes: { hidden, vocabulary },
  parameters: [{ name: 'head.weight', shape: [vocabulary, hidden] }],
  headParameters: { table: 'head.weight' },
  head: (states, { table }) => matmul(states, table, { transB: true }),
};
const weight = Float32Array.from({ length: vocabulary * hidden }, (_, i) => Math.sin(1 + i));
const states = Float32Array.from({ length: count * hidden }, (_, i) => Math.cos(1 + i));
const labels = Int32Array.of(2, 4, -1, -1, 0, -1, -1);

/** A head in chunks of two rows over `states`. */
function headOf({ isTrained }: { readonly isTrained: boolean }) {
  const workspace = new Workspace(engine);
  workspaces.push(workspace);
  const gradient = isTrained ? new Float32Array(weight.length) : undefined;
  const parameters = new ParameterBuffers(
    workspace,
    model.parameters,
    new Map([['head.weight', { weight, gradient }]]),
  );
  const head = new VocabularyHead(workspace, model, parameters, { count, chunkRows: 2 });
  const input = workspace.buffer({ dtype: 'f32', shape: [count, hidden] }, states.slice());
  const derivatives = workspace.buffer(input.type);
  return { head, gradient, input, derivatives };
}

/** Softmax of the logits of one row, written out. */
function probabilities(row: number): number[] {
  const logits = Array.from({ length: vocabulary }, (_, token) => {
    return Array.from({ length: hidden }, (_, k) => states[row * hidden + k] * weight[token * hidden + k]);
  }).map((products) => products.reduce((a, b) => a + b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
}

const lossOf = (row: number) => (labels[row] < 0 ? 0 : -Math.log(probabilities(row)[labels[row]]));
const rows = Array.from({ length: count }, (_, row) => row);

describe('a head in chunks', () => {
  it('gives the losses and derivatives of softmax, and adds up over chunks', async () => {
    const { head, gradient, input, derivatives } = headOf({ isTrained: true });
    head.load(labels, 0.5);
    for (const run of head.lossRuns(input, derivatives, false)) await run();
    expect(head.sumOfLosses()).toBeCloseTo(
      rows.reduce((sum, row) => sum + lossOf(row), 0),
      5,
    );
    const byWeight = new Float64Array(weight.length);
    for (const row of rows) {
      const byLogits = probabilities(row).map((p, token) =>
        labels[row] < 0 ? 0 : 0.5 * (p - (token === labels[row] ? 1 : 0)),
      );
      for (let k = 0; k < hidden; k++) {
        const expected = byLogits.reduce((sum, by, token) => sum + by * weight[token * hidden + k], 0);
        expect(derivatives.f32[row * hidden + k]).toBeCloseTo(expected, 5);
        byLogits.forEach((by, token) => {
          byWeight[token * hidden + k] += by * states[row * hidden + k];
        });
      }
    }
    gradient!.forEach((value, i) => {
      expect(value).toBeCloseTo(byWeight[i], 5);
    });
  });

  it('scores labels, and nothing where there is none, whatever the hidden states there', async () => {
    const { head, input } = headOf({ isTrained: false });
    input.f32.fill(Number.NaN, 2 * hidden, 4 * hidden);
    head.load(labels, 1);
    for (const run of head.scoreRuns(input)) await run();
    head.scores().forEach((score, row) => {
      expect(score).toBeCloseTo(lossOf(row), 5);
    });
    expect(head.sumOfLosses()).toBeCloseTo(
      rows.reduce((sum, row) => sum + lossOf(row), 0),
      5,
    );
  });

  it('computes no logits for a chunk without labels', async () => {
    const { head, input, derivatives } = headOf({ isTrained: false });
    // What is not computed cannot show.
    input.f32.fill(Number.NaN, 2 * hidden, 4 * hidden);
    derivatives.f32.fill(7);
    head.load(labels, 1);
    for (const run of head.lossRuns(input, derivatives, false)) await run();
    expect([...derivatives.f32.subarray(2 * hidden, 4 * hidden)]).toEqual(new Array(2 * hidden).fill(0));
    expect(derivatives.f32.every(Number.isFinite)).toBe(true);
  });

  it('writes the logits of every row', async () => {
    const { head, input } = headOf({ isTrained: false });
    const { runs, array } = head.logits(input);
    for (const run of runs) await run();
    for (const row of rows) {
      const logits = array.subarray(row * vocabulary, (row + 1) * vocabulary);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      probabilities(row).forEach((p, token) => {
        expect(Math.exp(logits[token]) / sum).toBeCloseTo(p, 5);
      });
    }
  });
});

describe('chunks', () => {
  it.each([
    [7, 2, [2, 2, 2, 1]],
    [9, 5, [5, 4]],
    [8, 5, [4, 4]],
    [4, 100, [4]],
    [3, 0, [1, 1, 1]],
  ])('of %i rows, at most %i at a time, cover each row once', (all, most, sizes) => {
    const chunks = headChunks(all, 1, most);
    expect(chunks.map((chunk) => chunk.rows)).toEqual(sizes);
    expect(chunks.flatMap(({ start, rows: size }) => Array.from({ length: size }, (_, i) => start + i))).toEqual(
      Array.from({ length: all }, (_, i) => i),
    );
  });

  it('hold 64 MB of logits where nothing else is asked for', () => {
    expect(headChunks(1000, 1 << 17).map((chunk) => chunk.rows)).toEqual([125, 125, 125, 125, 125, 125, 125, 125]);
  });
});
