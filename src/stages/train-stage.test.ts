/** What a stage watches, from its settings to its result; the same with and without interruption. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameBits, tinyModel, weightsOf } from '../../test/support/tiny-model.ts';
import { trainingSettings } from '../../test/support/training-settings.ts';
import type { PackedBatch } from '../data/packed-batch.ts';
import { BatchStream } from '../data/stream.ts';
import { memoryStore } from '../data/token-store.ts';
import { GateError, InterruptedError, UsageError } from '../errors.ts';
import { Engine } from '../runtime/engine.ts';
import { type StageContext, type StageResult, scheduleOver, type TrainingSettings, trainStage } from './train-stage.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-stage-'));
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const steps = 20;
const [rows, length] = [2, 24];
const settings: TrainingSettings = {
  ...trainingSettings,
  batch: { rows, length, gradient_accumulation_steps: 1 },
  learning_rate: 1e-2,
  max_grad_norm: null,
  evaluation: { every: 0.1 },
};
const watchdog = {
  on_spike: 'warn',
  on_unhealthy: 'warn',
  window: 8,
  spike_deviations: 4,
  grad_norm_range: [1e-9, 1e9],
  falling_by: 1,
} as const;

/** One word said again and again, which is soon learnt. */
const documents = Array.from({ length: 30 }, (_, i) => ({ ids: new Int32Array(5 + ((i * 7) % 18)).fill(i % 3) }));

/** Evaluations at steps 2, 4, 6, ... */
const curve = [5, 4, 3, 3.5, 3, 3.2, 3.3, 1, 1, 1];

interface Told {
  readonly result: StageResult | Error;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly steps: number[];
  readonly events: [number, string, number | string][];
  readonly warnings: string[];
  readonly notes: string[];
}

interface Extra {
  readonly name?: string;
  readonly stopAt?: number;
  readonly context?: Partial<StageContext>;
  /** Spoils the embeddings of one batch, as a broken document would. */
  readonly spoil?: number;
}

async function train(changes: Partial<TrainingSettings> = {}, extra: Extra = {}): Promise<Told> {
  const model = tinyModel(2, { initializer_range: 0.1 });
  const controller = new AbortController();
  const told = { steps: [] as number[], events: [] as Told['events'], warnings: [] as string[], notes: [] as string[] };
  let now = 0;
  const context: StageContext = {
    engine,
    seed: 4,
    folder: join(folder, extra.name ?? Math.random().toString(36)),
    hash: 'the stage',
    signal: controller.signal,
    onEvent: (step, metrics) => {
      for (const [metric, value] of Object.entries(metrics)) told.events.push([step, metric, value]);
    },
    onStart: (step) => {
      now = step;
    },
    onWarning: (message) => told.warnings.push(message),
    onNote: (message) => told.notes.push(message),
    onStep: ({ step }) => {
      told.steps.push(step);
      now = step;
      if (step === extra.stopAt) controller.abort();
    },
    measure: async () => ({ 'bits_per_byte/chats': curve[now / 2 - 1] }),
    measures: ['bits_per_byte/chats'],
    ...extra.context,
  };
  const store = memoryStore(documents);
  const sets = new Map([['chats', { train: store }]]);
  const batches = new BatchStream([{ name: 'chats', store }], { rows, length, seed: 4 });
  const all = { ...settings, ...changes };
  const perturb = (embedded: Float32Array, _: PackedBatch, { step }: { step: number }) => {
    if (step + 1 === extra.spoil) for (let i = 0; i < embedded.length; i++) embedded[i] = 100 * ((i % 7) - 3);
  };
  const stage = trainStage(model, { sets, batches, schedule: scheduleOver(steps, all), perturb }, all, context);
  const result = await stage.catch((error: Error) => error);
  return { ...told, result, weights: weightsOf(model) };
}

const stopping = { metric: 'bits_per_byte', mode: null, patience: 4, min_delta: 0, warmup: 0 };

describe('early stopping and the best checkpoint', () => {
  let whole: Told;
  beforeAll(async () => {
    whole = await train({ early_stopping: stopping });
  });

  it('stops a stored curve at the known step and restores the known model, the earlier of two equals', async () => {
    expect(whole.result).toMatchObject({
      steps: 14,
      best: { metric: 'bits_per_byte', step: 6, value: 3 },
      stopped: expect.stringContaining('not improved on 3 at step 6 in 4 evaluations'),
    });
    const six = await train({}, { stopAt: 6 });
    expect(six.result).toBeInstanceOf(InterruptedError);
    expect(sameBits(whole.weights, six.weights)).toBe(true);
    const last = await train({ early_stopping: stopping, load_best: false });
    expect(last.result).toMatchObject({ steps: 14, best: null });
    expect(sameBits(whole.weights, last.weights)).toBe(false);
  });

  it.each([5, 6, 13])('decides the same when it was interrupted after step %d', async (stopAt) => {
    const first = await train({ early_stopping: stopping }, { name: `halves-${stopAt}`, stopAt });
    expect(first.result).toBeInstanceOf(InterruptedError);
    const second = await train({ early_stopping: stopping }, { name: `halves-${stopAt}` });
    expect(second.result).toEqual(whole.result);
    expect([...first.steps, ...second.steps]).toEqual(whole.steps);
    expect(sameBits(second.weights, whole.weights)).toBe(true);
    // Told again, or not at all, an evaluation would be counted twice or never.
    const measured = ({ events }: Told) => events.filter(([, metric]) => /^(bits|best|early)/.test(metric));
    expect([...measured(first), ...measured(second)]).toEqual(measured(whole));
  });

  it('does not train on when it is started again after it has stopped', async () => {
    const first = await train({ early_stopping: stopping }, { name: 'again' });
    const second = await train({ early_stopping: stopping }, { name: 'again' });
    expect(second.steps).toEqual([]);
    expect(second.result).toEqual(first.result);
    expect(sameBits(second.weights, first.weights)).toBe(true);
  });

  it('keeps the best on disk whatever is saved later, and looks at the last model too', async () => {
    const checkpoints = { ...settings.checkpoints, every_seconds: 1e-9 };
    const run = await train({ load_best: 'bits_per_byte/chats', checkpoints }, { name: 'kept' });
    expect(run.result).toMatchObject({ steps, best: { step: 16, value: 1 }, stopped: null });
    expect(readdirSync(join(folder, 'kept', 'checkpoints')).sort()).toEqual(['step-00000016', 'step-00000020']);
    const rising = await train(
      { load_best: true },
      { context: { measure: async () => ({ 'bits_per_byte/chats': -performance.now() }) } },
    );
    expect(rising.result).toMatchObject({ best: { step: steps } });
  });

  it('goes by the training loss too, which needs no measurement', async () => {
    const run = await train({ load_best: 'loss' }, { context: { measure: undefined, measures: undefined } });
    expect(run.result).toMatchObject({ best: { metric: 'loss', step: expect.any(Number) } });
  });

  it.each([
    ['a misspelt metric', { early_stopping: { ...stopping, metric: 'bits_per_bite' } }, 'early_stopping.metric'],
    ['what is not measured', { load_best: 'lookup.exact_match' }, 'load_best'],
    ['no evaluations', { early_stopping: stopping, evaluation: { every: null } }, 'early_stopping'],
    [
      'a budget for one checkpoint',
      { load_best: true, checkpoints: { ...settings.checkpoints, budget_gb: 1e-4 } },
      'checkpoints.budget_gb',
    ],
  ])('refuses %s before the first step', async (_, changes, field) => {
    const { result, steps } = await train(changes);
    expect(result).toBeInstanceOf(UsageError);
    expect((result as UsageError).problem.field).toBe(field);
    expect(steps).toEqual([]);
  });
});

describe('the watchdog of a stage', () => {
  let unwatched: Told;
  let skipping: Told;
  beforeAll(async () => {
    unwatched = await train({}, { spoil: 15 });
  });
  const spikes = ({ events }: Told) => events.filter(([, metric]) => metric === 'watchdog/loss_spike');

  it('warns of a spike and changes nothing', async () => {
    const watched = await train({ watchdog }, { spoil: 15 });
    expect(watched.result).toMatchObject({ alarms: { loss_spike: 1 }, skippedSteps: 0, steps });
    expect(watched.warnings).toEqual([expect.stringMatching(/^step 15: the loss .* is a spike/)]);
    expect(spikes(watched)).toEqual([[15, 'watchdog/loss_spike', watched.warnings[0]]]);
    expect(sameBits(watched.weights, unwatched.weights)).toBe(true);
  });

  it('leaves the step out where it is asked to, also in a run that was interrupted before it', async () => {
    const changes = { watchdog: { ...watchdog, on_spike: 'skip' } } as const;
    skipping = await train(changes, { spoil: 15 });
    expect(skipping.result).toMatchObject({ alarms: { loss_spike: 1 }, skippedSteps: 1, steps });
    expect(sameBits(skipping.weights, unwatched.weights)).toBe(false);
    await train(changes, { spoil: 15, name: 'spiked', stopAt: 14 });
    const second = await train(changes, { spoil: 15, name: 'spiked' });
    expect(second.result).toEqual(skipping.result);
    expect(sameBits(second.weights, skipping.weights)).toBe(true);
  });

  it('stops where it is asked to, with the step left out and the state saved, and goes on after it', async () => {
    const changes = { watchdog: { ...watchdog, on_spike: 'stop' } } as const;
    const stopped = await train(changes, { spoil: 15, name: 'stopped' });
    expect(stopped.result).toBeInstanceOf(GateError);
    expect(stopped.steps.at(-1)).toBe(15);
    const rest = await train(changes, { spoil: 15, name: 'stopped' });
    expect(rest.steps).toEqual([16, 17, 18, 19, 20]);
    expect(sameBits(rest.weights, skipping.weights)).toBe(true);
  });
});

describe('what a stage tells of its batches', () => {
  it('counts steps, examples, learnt tokens and padding, and draws the same batches afterwards', async () => {
    const { notes, result, warnings } = await train();
    expect(notes).toEqual([
      expect.stringMatching(/^20 steps of [\d.]+ examples and [\d.]+ tokens, of which 9\d\.\d% are learnt; rows are/),
    ]);
    expect((result as StageResult).fill).toBeGreaterThan(0.8);
    expect(warnings).toEqual([]);
  });
});
