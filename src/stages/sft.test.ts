import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBits, tinyModel, weightsOf } from '../../test/support/tiny-model.ts';
import { trainingSettings } from '../../test/support/training-settings.ts';
import { memoryStore, type TokenDocument } from '../data/token-store.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { type SftSettings, sft } from './sft.ts';
import type { StageContext } from './train-stage.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-sft-'));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

/** Random questions that are answered by their third id, twice; the question itself cannot be learnt. */
function conversations(count: number, length = 12): TokenDocument[] {
  const random = stream(7, 'conversations');
  return Array.from({ length: count }, (_, i) => {
    const ids = Int32Array.from({ length: length + (i % 5) }, () => random.below(50));
    ids.fill(ids[2], -2);
    return { ids, trained: new Uint8Array(ids.length).fill(1, -2) };
  });
}

const setOf = (documents: readonly TokenDocument[]) => new Map([['chats', { train: memoryStore(documents) }]]);

const settings: SftSettings = {
  on: ['chats'],
  replay: {},
  num_train_epochs: 3,
  neftune_noise_alpha: 5,
  ...trainingSettings,
  batch: { rows: 2, length: 32, gradient_accumulation_steps: 2 },
  learning_rate: 3e-3,
};

interface Told {
  readonly losses: number[];
  readonly warnings: string[];
  readonly labels: number[];
}

async function tune(
  documents: readonly TokenDocument[],
  changes: Partial<SftSettings> = {},
  { name = Math.random().toString(36), stopAt }: { readonly name?: string; readonly stopAt?: number } = {},
) {
  const model = tinyModel(2, { initializer_range: 0.1 });
  const told: Told = { losses: [], warnings: [], labels: [] };
  const controller = new AbortController();
  const context: StageContext = {
    engine,
    seed: 4,
    folder: join(folder, name),
    hash: 'the stage',
    signal: controller.signal,
    onEvent: () => {},
    onStart: () => {},
    onWarning: (message) => told.warnings.push(message),
    onStep({ step, loss, labels }) {
      told.losses.push(loss);
      told.labels.push(labels);
      if (step === stopAt) controller.abort();
    },
  };
  const stage = sft(model, setOf(documents), { ...settings, ...changes }, context);
  return { model, told, result: await stage.catch((error: unknown) => error) };
}

describe('sft', () => {
  const all = conversations(40);

  it('learns the answers, every one once in each pass', async () => {
    const { told, result } = await tune(all, { num_train_epochs: 30, neftune_noise_alpha: null });
    expect(result).toMatchObject({ epochs: { chats: 30 }, skippedSteps: 0, steps: told.losses.length });
    expect(told.labels.reduce((a, b) => a + b, 0)).toBe(30 * 40 * 2);
    const [first, last] = [told.losses[0], told.losses.at(-1)!];
    // All ids alike are ln 61 = 4.1 nats. Of each pair of learnt tokens the second only repeats the first.
    expect(first).toBeGreaterThan(3);
    expect(last).toBeLessThan(first / 2);
  });

  it.each([7, 45])('takes %i steps where it is told to, fewer or more than those of whole passes', async (steps) => {
    const { told, result } = await tune(all, { max_steps: steps });
    expect(result).toMatchObject({ steps });
    expect(told.labels.every((labels) => labels > 0)).toBe(true);
    expect(told.labels).toHaveLength(steps);
  });

  it('does not depend on what follows the last learnt token', async () => {
    const withTail = (tail: number) =>
      all.map(({ ids, trained }) => ({ ids: Int32Array.of(...ids, tail), trained: Uint8Array.of(...trained!, 0) }));
    const [one, other] = [await tune(withTail(1)), await tune(withTail(2))];
    expect(one.told.losses).toEqual(other.told.losses);
    const learnt = await tune(all.map(({ ids }) => ({ ids, trained: new Uint8Array(ids.length).fill(1) })));
    expect(learnt.told.losses).not.toEqual(one.told.losses);
  });

  it('gives an interrupted run the bits of one that was not, noise and order of the passes included', async () => {
    const whole = await tune(all);
    const first = await tune(all, {}, { name: 'halves', stopAt: 5 });
    expect(first.result).toBeInstanceOf(InterruptedError);
    const second = await tune(all, {}, { name: 'halves' });
    expect(second.result).toEqual(whole.result);
    expect([...first.told.losses, ...second.told.losses]).toEqual(whole.told.losses);
    expect(sameBits(weightsOf(second.model), weightsOf(whole.model))).toBe(true);
  });

  it('is another run with noise, with less of it, and without', async () => {
    const runs = await Promise.all([5, 1, null].map((alpha) => tune(all, { neftune_noise_alpha: alpha })));
    const losses = runs.map(({ told }) => told.losses[0]);
    expect(new Set(losses).size).toBe(3);
    expect(Math.abs(losses[1] - losses[2])).toBeLessThan(Math.abs(losses[0] - losses[2]));
  });

  it('leaves conversations out that are longer than a row, and says how many', async () => {
    const long = conversations(3, 33);
    const { told, result } = await tune([...all, ...long]);
    expect(told.warnings).toEqual(['chats: 3 of 43 conversations are longer than batch.length 32 and left out']);
    expect(told.labels.reduce((a, b) => a + b, 0)).toBe(3 * 40 * 2);
    const tokensOf = (documents: readonly TokenDocument[]) => documents.reduce((sum, { ids }) => sum + ids.length, 0);
    expect(result).toMatchObject({ epochs: { chats: (3 * tokensOf(all)) / tokensOf([...all, ...long]) } });
    const refused = (await tune(long)).result;
    expect(refused).toBeInstanceOf(UsageError);
    expect(refused).toMatchObject({
      problem: { field: 'batch.length', expected: 'at least 33, the tokens of the shortest' },
    });
  });
});
