/** A run that was stopped and one that was not end with the same bits. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchStream, type BatchStreamState } from '../../src/data/stream.ts';
import { InputError } from '../../src/errors.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { resumeTraining, saveTraining, surroundingsOf } from '../../src/train/checkpoint.ts';
import { runTraining } from '../../src/train/loop.ts';
import type { LoopState } from '../../src/train/loop-state.ts';
import { createAdamW } from '../../src/train/optimizers/adamw.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { randomStore, sameBits, tinyModel, weightsOf } from '../support/tiny-model.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-resume-'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const steps = 100;
const lengths = (count: number, longest: number) => Array.from({ length: count }, (_, i) => 3 + ((i * 37) % longest));
// Small enough that both sources begin their later passes within the run.
const stores = { finance: randomStore(5, lengths(60, 90)), general: randomStore(6, lengths(40, 50)) };

/** Everything of a run: two sources in a changing mixture, packed, with accumulation. */
function start(seed = 1) {
  const model = tinyModel(seed, { initializer_range: 0.05 });
  const [rows, length] = [2, 64];
  const batches = new BatchStream(
    [
      { name: 'finance', store: stores.finance, weight: { kind: 'linear', from: 0.2, to: 0.9 } },
      { name: 'general', store: stores.general, weight: { kind: 'linear', from: 0.8, to: 0.1 } },
    ],
    { rows, length, seed, total: steps * 2 * rows * length, bufferPieces: 20 },
  );
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  const optimizer = createAdamW(model.parameters.values(), { weightDecay: 0.1 });
  const schedule = { type: 'cosine', peak: 3e-3, steps, warmupSteps: 10 } as const;
  const trainer = new Trainer({ program, optimizer, batches, schedule, accumulationSteps: 2, maxGradientNorm: 1 });
  return { model, trainer, batches, program };
}

async function advance(trainer: Trainer, to: number): Promise<number[]> {
  const losses: number[] = [];
  while (trainer.step < to) losses.push((await trainer.next())!.loss);
  return losses;
}

const storage = (name: string) => ({
  folder: join(folder, name),
  run: 'the run',
  surroundings: surroundingsOf(engine),
  rotation: { keepLast: 2 },
});

async function uninterrupted() {
  const { model, trainer } = start();
  const losses = await advance(trainer, steps);
  return { losses, weights: weightsOf(model) };
}

describe('resume', () => {
  it('gives 50 + 50 steps the bits of 100, in the middle of a pass with packing, mixing and accumulation', async () => {
    const whole = await uninterrupted();
    const first = start();
    await advance(first.trainer, 50);
    expect(first.batches.state().cursors.every(({ position }) => position > 0)).toBe(true);
    await saveTraining(first.model, first.trainer, storage('halves'));
    // Another seed: whatever is not restored would show.
    const second = start();
    for (const { weight, m, v } of second.model.parameters.values()) {
      weight.fill(1);
      m.fill(1);
      v.fill(1);
    }
    const resumed = await resumeTraining(second.model, second.trainer, storage('halves'));
    expect(resumed).toMatchObject({ step: 50, warnings: [] });
    expect(await advance(second.trainer, steps)).toEqual(whole.losses.slice(50));
    expect(sameBits(weightsOf(second.model), whole.weights)).toBe(true);
  });

  it('would not, if the pieces that wait to be packed were forgotten', async () => {
    const whole = await uninterrupted();
    const first = start();
    await advance(first.trainer, 50);
    const state = first.trainer.state();
    const batches = state.batches as BatchStreamState;
    expect(batches.pending.length).toBeGreaterThan(0);
    first.trainer.restore({ ...state, batches: { ...batches, pending: [] } });
    await advance(first.trainer, steps);
    expect(sameBits(weightsOf(first.model), whole.weights)).toBe(false);
  });

  it('refuses the checkpoint of another run, and says when bits may differ', async () => {
    const first = start();
    await advance(first.trainer, 2);
    await saveTraining(first.model, first.trainer, storage('other'));
    const second = start();
    const other = { ...storage('other'), run: 'another run' };
    await expect(resumeTraining(second.model, second.trainer, other)).rejects.toThrow(/of another run/);
    const elsewhere = { ...storage('other'), surroundings: { threads: 7, runtime: '0.1', platform: 'cpm z80' } };
    const resumed = await resumeTraining(second.model, second.trainer, elsewhere);
    expect(resumed?.warnings.join()).toMatch(/threads was 1 and is 7.*runtime was .* and is 0\.1/s);
    expect(await resumeTraining(second.model, second.trainer, storage('nothing there'))).toBeUndefined();
  });
});

describe('the loop', () => {
  const options = (extra: Partial<Parameters<typeof runTraining>[1]> = {}) => ({
    loggingSteps: 10,
    maxSkippedSteps: 3,
    save: async () => {},
    saveEverySeconds: 1e6,
    onEvent: () => {},
    ...extra,
  });

  it('is the same with and without evaluators, which draw from streams of their own', async () => {
    const { weights } = await uninterrupted();
    const { model, trainer, program } = start();
    let evaluations = 0;
    const evaluator = {
      name: 'other',
      every: 7,
      async evaluate() {
        const own = new BatchStream([{ name: 'finance', store: stores.finance }], { rows: 2, length: 64, seed: 99 });
        const losses = await program.score(own.next()!);
        evaluations++;
        return { loss: losses.reduce((a, b) => a + b, 0) };
      },
    };
    await runTraining(trainer, options({ evaluators: [evaluator] }));
    expect(evaluations).toBe(14);
    expect(sameBits(weightsOf(model), weights)).toBe(true);
  });

  it('is another run if an evaluator takes batches from the training stream', async () => {
    const { weights } = await uninterrupted();
    const { model, trainer, batches } = start();
    const thief = { name: 'thief', every: 50, evaluate: async () => ({ labels: batches.next()!.labelCount }) };
    await runTraining(trainer, options({ evaluators: [thief] }));
    expect(sameBits(weightsOf(model), weights)).toBe(false);
  });

  it('saves and stops when it is interrupted', async () => {
    const { trainer } = start();
    const controller = new AbortController();
    const saved: number[] = [];
    const save = async () => void saved.push(trainer.step);
    const onStep = ({ step }: { step: number }) => step === 8 && controller.abort();
    await expect(runTraining(trainer, options({ save, onStep, signal: controller.signal }))).rejects.toMatchObject({
      exitCode: 130,
    });
    expect(saved).toEqual([8]);
  });

  it('saves also when it is interrupted in an evaluation, and begins with that one when it goes on', async () => {
    const { trainer } = start();
    const controller = new AbortController();
    const seen: number[] = [];
    const saved: number[] = [];
    let state: LoopState | undefined;
    const save = async (now: LoopState) => {
      saved.push(trainer.step);
      state = now;
    };
    const done = { name: 'done', every: 7, evaluate: async () => ({ first: seen.push(-trainer.step) }) };
    const evaluate = async () => {
      controller.abort();
      controller.signal.throwIfAborted();
      return {};
    };
    const interrupted = options({
      save,
      evaluators: [done, { name: 'look', every: 7, evaluate }],
      signal: controller.signal,
    });
    await expect(runTraining(trainer, interrupted)).rejects.toMatchObject({ exitCode: 130 });
    expect(saved).toEqual([7]);
    const look = { name: 'look', every: 7, evaluate: async () => ({ at: seen.push(trainer.step) }) };
    await runTraining(trainer, options({ evaluators: [done, look], state }));
    expect(seen.slice(0, 5)).toEqual([-7, 7, -14, 14, -21]);
  });

  it('logs after a stop the means that a run without one would have logged', async () => {
    const means = async (stopAt?: number) => {
      const { trainer } = start();
      const losses: unknown[] = [];
      const onEvent = (_: number, { loss, grad_norm }: Readonly<Record<string, unknown>>) =>
        losses.push([loss, grad_norm]);
      let state: LoopState | undefined;
      const save = async (now: LoopState) => {
        state = JSON.parse(JSON.stringify(now));
      };
      if (stopAt !== undefined) {
        const controller = new AbortController();
        const onStep = ({ step }: { step: number }) => step === stopAt && controller.abort();
        const stopped = runTraining(trainer, options({ onEvent, save, onStep, signal: controller.signal }));
        await expect(stopped).rejects.toMatchObject({ exitCode: 130 });
      }
      await runTraining(trainer, options({ onEvent, save, state }));
      return losses;
    };
    expect(await means(14)).toEqual(await means());
  });

  it('leaves what was saved alone when the weights themselves are not finite', async () => {
    const { trainer } = start();
    const saved: number[] = [];
    const save = async () => {
      const problem = { field: 'tensor "w"', found: 'NaN', expected: 'a number', fix: '' };
      if (trainer.step === 3) throw new InputError(problem);
      saved.push(trainer.step);
    };
    const running = runTraining(trainer, options({ save, saveEverySeconds: 0 }));
    await expect(running).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('Step 2 is the last'),
    });
    expect(saved).toEqual([1, 2]);
  });

  it('skips steps that are not finite, says why, and stops with the last good parameters', async () => {
    const { model, trainer } = start();
    await advance(trainer, 3);
    const good = weightsOf(model);
    const norm = model.parameters.get('model.norm.weight')!;
    const intact = norm.weight[0];
    norm.weight[0] = Number.NaN;
    const events: Record<string, number | string>[] = [];
    const saved: number[] = [];
    const running = runTraining(
      trainer,
      options({ onEvent: (_, metrics) => events.push(metrics), save: async () => void saved.push(trainer.step) }),
    );
    await expect(running).rejects.toThrow(/4 steps in a row .* the loss is NaN/);
    expect(events.filter(({ skipped }) => skipped === 'the loss is NaN')).toHaveLength(4);
    expect(trainer.skippedSteps).toBe(4);
    expect(saved).toEqual([7]);
    norm.weight[0] = intact;
    expect(sameBits(weightsOf(model), good)).toBe(true);
  });
});
