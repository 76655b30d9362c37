/** Training an adapter, stopped and continued: what is kept is the adapter alone, and the bits are the same. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachAdapter } from '../../src/adapters/attach.ts';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import type { AdapterSettings } from '../../src/adapters/settings.ts';
import { BatchStream } from '../../src/data/stream.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { checkpointBytes, resumeTraining, saveTraining, surroundingsOf } from '../../src/train/checkpoint.ts';
import { createAdamW } from '../../src/train/optimizers/adamw.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { randomStore, sameBits, tinyModel, weightsOf } from '../support/tiny-model.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-resume-adapter-'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const store = randomStore(
  5,
  Array.from({ length: 60 }, (_, i) => 3 + ((i * 37) % 90)),
);
const steps = 8;

function start(settings: AdapterSettings) {
  const base = tinyModel(1, { initializer_range: 0.05 });
  const model = attachAdapter(base, settings, { seed: 3 });
  const [rows, length] = [2, 64];
  const batches = new BatchStream([{ name: 'finance', store, weight: { kind: 'constant', weight: 1 } }], {
    rows,
    length,
    seed: 1,
    total: steps * 2 * rows * length,
    bufferPieces: 20,
  });
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  const optimizer = createAdamW(model.trainable.values());
  const schedule = { type: 'cosine', peak: 1e-2, steps, warmupSteps: 2 } as const;
  const trainer = new Trainer({ program, optimizer, batches, schedule, accumulationSteps: 2, maxGradientNorm: 1 });
  return { base, model, trainer, program };
}

async function advance(trainer: Trainer, to: number): Promise<void> {
  while (trainer.step < to) await trainer.next();
}

describe.each(['lora', 'dora', 'qlora'] as const)('%s', (method) => {
  it('goes on from its checkpoint with the same bits', async () => {
    const settings: AdapterSettings = { method, r: 3, alpha: 6, targetModules: 'all-linear' };
    const storage = {
      folder: join(folder, method),
      run: 'the run',
      surroundings: surroundingsOf(engine),
      rotation: { keepLast: 2 },
    };
    const whole = start(settings);
    await advance(whole.trainer, steps);
    const weights = ({ model }: typeof whole) => weightsOf({ ...whole.base, parameters: model.trainable });

    const first = start(settings);
    await advance(first.trainer, steps / 2);
    const path = await saveTraining(first.model, first.trainer, storage);
    expect(await readdir(path)).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));
    expect((await readAdapter(path)).modules).toEqual(first.model.adapter.modules);
    // Nothing of the base is kept.
    expect(checkpointBytes(first.model)).toBe(
      12 * [...weights(first).values()].reduce((sum, { length }) => sum + length, 0),
    );

    const second = start(settings);
    for (const { weight, m, v } of second.model.trainable.values()) for (const array of [weight, m, v]) array.fill(1);
    expect(await resumeTraining(second.model, second.trainer, storage)).toMatchObject({
      step: steps / 2,
      warnings: [],
    });
    await advance(second.trainer, steps);
    expect(sameBits(weights(second), weights(whole))).toBe(true);
    for (const { program } of [whole, first, second]) program.release();
  });
});
