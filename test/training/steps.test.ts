/** Whole optimizer steps: equal to PyTorch's, and able to learn one batch by heart. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../src/checkpoint/safetensors/read.ts';
import { layOut, type PackedBatch } from '../../src/data/packed-batch.ts';
import { loadModel } from '../../src/models/model.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { createAdamW } from '../../src/train/optimizers/adamw.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { randomStore, tinyModel, weightsOf, worstRelativeError } from '../support/tiny-model.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const golden = (path: string) => new URL(`../golden/${path}`, import.meta.url).pathname;

/** A source that gives these batches, and nothing to resume from. */
const listOf = (batches: readonly PackedBatch[]) => {
  const left = [...batches];
  return {
    next: () => left.shift(),
    state: () => {
      throw new Error('not saved here');
    },
    restore: () => {},
  };
};

function fromRows(ids: readonly (readonly number[])[]): PackedBatch {
  const [rows, length] = [ids.length, ids[0].length];
  const flat = Int32Array.from(ids.flat());
  const place = (i: number) => i % length;
  return {
    rows,
    length,
    ids: flat,
    segments: flat.map(() => 1),
    positions: flat.map((_, i) => place(i)),
    labels: flat.map((_, i) => (place(i) + 1 < length ? flat[i + 1] : -1)),
    labelCount: rows * (length - 1),
    tokens: rows * length,
    examples: rows,
  };
}

describe('five steps of AdamW with clipping and a cosine schedule', () => {
  it("follow PyTorch's losses, norms and parameters", async () => {
    const expected = JSON.parse(readFileSync(golden('train-steps/expected.json'), 'utf8'));
    const { optimizer: settings, schedule, steps } = expected;
    const model = await loadModel(golden(expected.checkpoint), 'training');
    const batches = steps.map(({ ids }: { ids: number[][] }) => fromRows(ids));
    const { rows, length } = batches[0];
    const trainer = new Trainer({
      program: new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length }),
      optimizer: createAdamW(model.parameters.values(), {
        betas: [settings.beta1, settings.beta2],
        epsilon: settings.epsilon,
        weightDecay: settings.weightDecay,
      }),
      batches: listOf(batches),
      schedule: {
        type: 'cosine',
        peak: schedule.peak,
        steps: schedule.totalSteps,
        warmupSteps: schedule.warmupSteps,
        minimumRatio: schedule.floor / schedule.peak,
      },
      accumulationSteps: 1,
      maxGradientNorm: settings.maxGradientNorm,
    });
    for (const step of steps) {
      const report = (await trainer.next())!;
      expect(report.learningRate).toBeCloseTo(step.learningRate, 12);
      expect(Math.abs(report.loss / step.loss - 1)).toBeLessThan(2e-6);
      expect(Math.abs(report.gradientNorm / step.gradientNorm - 1)).toBeLessThan(1e-5);
    }
    expect(await trainer.next()).toBeUndefined();
    const file = await openSafetensors(golden('train-steps/expected.safetensors'));
    const reference = new Map<string, Float32Array>();
    for (const [name, { weight }] of model.parameters) {
      const data = new Float32Array(weight.length);
      await file.readInto(name, data);
      reference.set(name, data);
    }
    await file.close();
    expect(worstRelativeError(weightsOf(model), reference)).toBeLessThan(1e-5);
  });
});

describe('one batch', () => {
  const store = randomStore(8, [40, 40]);
  const pieces = [0, 1].map((document) => [{ source: 0, index: document, document, start: 0, length: 40, parts: 1 }]);
  const batch = layOut(pieces, [store], { rows: 2, length: 40 });

  async function overfit(trained: PackedBatch): Promise<number> {
    const model = tinyModel(2, { initializer_range: 0.1 });
    const program = new CausalLmProgram(engine, model.decoder, model.parameters, batch);
    const trainer = new Trainer({
      program,
      optimizer: createAdamW(model.parameters.values(), { weightDecay: 0 }),
      batches: { ...listOf([]), next: () => trained },
      schedule: { type: 'cosine', peak: 1e-2, steps: 300, warmupSteps: 10 },
      accumulationSteps: 1,
      maxGradientNorm: 1,
    });
    while (await trainer.next());
    const losses = await program.score(batch);
    return losses.reduce((a, b) => a + b, 0) / batch.labelCount;
  }

  it('is learnt by heart in 300 steps', async () => {
    expect(await overfit(batch)).toBeLessThan(0.01);
  });

  it('is not when labels are shifted by one', async () => {
    const shifted = { ...batch, labels: batch.labels.map((label, i) => (label < 0 ? -1 : batch.ids[i])) };
    expect(await overfit(shifted)).toBeGreaterThan(1);
  });
});
