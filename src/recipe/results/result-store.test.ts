/** What makes a result good, damaged or missing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import type { ResultId } from '../plan/plan-stages.ts';
import { ResultStore } from './result-store.ts';

const root = mkdtempSync(join(tmpdir(), 'finery-results-'));
afterAll(() => rmSync(root, { recursive: true }));

const key = 'ab'.repeat(32);
const result: ResultId = { kind: 'cpt', key };
const outcome = {
  steps: 3,
  tokens: 96,
  skippedSteps: 0,
  epochs: { a: 1.5 },
  fill: 1,
  best: null,
  stopped: null,
  alarms: {},
};

let runs = 0;
let store: ResultStore;
let finished: string;
let weights: string;
beforeEach(async () => {
  store = new ResultStore(join(root, `run-${++runs}`));
  const { folder } = store.paths(result);
  mkdirSync(folder, { recursive: true });
  [finished, weights] = [join(folder, 'finished.json'), join(folder, 'weights')];
  writeFileSync(weights, 'weights');
  await store.finish(result, outcome, [weights]);
});

const change = (changes: object) =>
  writeFileSync(finished, JSON.stringify({ ...JSON.parse(readFileSync(finished, 'utf8')), ...changes }));

describe('a finished result', () => {
  it('is good, with what it told', async () => {
    expect(await store.look(result)).toEqual({ state: 'good', outcome });
  });

  it('is that of its whole key, though its folder has a part of it', async () => {
    expect(await store.look({ kind: 'cpt', key: `${key.slice(0, -1)}0` })).toEqual({ state: 'missing' });
  });

  it.each([
    ['weights that were changed', () => writeFileSync(weights, 'weight'), /weights is not what was written/],
    ['weights that were lost', () => rmSync(weights), /weights is not there/],
    ['a torn record', () => writeFileSync(finished, '{"version":1,'), /finished\.json cannot be read/],
    ['no steps', () => change({ outcome: { ...outcome, steps: undefined } }), /^outcome\.steps of /],
    ['steps in words', () => change({ outcome: { ...outcome, steps: 'three' } }), /^outcome\.steps of /],
    [
      'a best without its metric',
      () => change({ outcome: { ...outcome, best: { step: 1, value: 2 } } }),
      /^outcome\.best/,
    ],
    ['the outcome of an export', () => change({ outcome: { folder: 'model' } }), /^outcome\./],
  ])('is damaged with %s', async (_, damage, reason) => {
    damage();
    expect(await store.look(result)).toEqual({ state: 'damaged', reason: expect.stringMatching(reason) });
  });

  it('is missing once it is forgotten', async () => {
    await store.forget(result);
    expect(await store.look(result)).toEqual({ state: 'missing' });
  });

  it('is linked to by its stage, but never in place of a folder', async () => {
    expect(await store.link(1, 'cpt', result)).toBe('01-cpt');
    expect(await store.link(1, 'cpt', result)).toBe('01-cpt');
    mkdirSync(join(root, `run-${runs}`, 'stages', '02-mine'));
    await expect(store.link(2, 'mine', result)).rejects.toThrow(UsageError);
  });
});

describe('the step to go on from', () => {
  it('is that of the last checkpoint, and none where a first save was cut off', async () => {
    expect(await store.stepOf(result)).toBeUndefined();
    const { checkpoints } = store.paths(result);
    mkdirSync(join(checkpoints, '.step-000020.tmp-7'), { recursive: true });
    expect(await store.stepOf(result)).toBeUndefined();
    for (const name of ['step-000010', 'step-000009']) mkdirSync(join(checkpoints, name));
    expect(await store.stepOf(result)).toBe(10);
  });
});
