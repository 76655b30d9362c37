/** A run of Muon that was stopped and one that was not end with the same bits. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BatchStream } from '../../src/data/stream.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { createOptimizer } from '../../src/stages/create-optimizer.ts';
import { resumeTraining, saveTraining, surroundingsOf } from '../../src/train/checkpoint.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { randomStore, sameBits, tinyModel, weightsOf } from '../support/tiny-model.ts';

const engine = new Engine({ threads: 1 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-resume-muon-'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const [rows, length, steps] = [2, 32, 12];
const store = randomStore(
  5,
  Array.from({ length: 40 }, (_, i) => 3 + ((i * 37) % 50)),
);
const settings = {
  optimizer: 'muon',
  adam_beta1: 0.9,
  adam_beta2: 0.95,
  adam_epsilon: 1e-8,
  weight_decay: 0.1,
  exempt_embeddings: false,
} as const;

function start(seed = 1) {
  const model = tinyModel(seed, { initializer_range: 0.05 });
  const sources = [{ name: 'text', store, weight: { kind: 'constant', weight: 1 } }] as const;
  const batches = new BatchStream(sources, { rows, length, seed: 1, total: steps * rows * length, bufferPieces: 20 });
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  const optimizer = createOptimizer(engine, model.parameters.values(), settings);
  const schedule = { type: 'cosine', peak: 3e-3, steps, warmupSteps: 2 } as const;
  const trainer = new Trainer({ program, optimizer, batches, schedule, accumulationSteps: 1, maxGradientNorm: 1 });
  return { model, trainer };
}

async function advance(trainer: Trainer, to: number): Promise<number[]> {
  const losses: number[] = [];
  while (trainer.step < to) losses.push((await trainer.next())!.loss);
  return losses;
}

it('goes on from a checkpoint as if it had not stopped', async () => {
  const storage = { folder, run: 'muon', surroundings: surroundingsOf(engine), rotation: { keepLast: 2 } };
  const straight = start();
  const losses = await advance(straight.trainer, steps);
  const stopped = start();
  await advance(stopped.trainer, 5);
  await saveTraining(stopped.model, stopped.trainer, storage);
  // Another seed: every weight and moment has to come from the checkpoint.
  const resumed = start(2);
  await resumeTraining(resumed.model, resumed.trainer, storage);
  expect(await advance(resumed.trainer, steps)).toEqual(losses.slice(5));
  expect(sameBits(weightsOf(resumed.model), weightsOf(straight.model))).toBe(true);

  const forgotten = start(2);
  await resumeTraining(forgotten.model, forgotten.trainer, storage);
  forgotten.model.parameters.get('model.layers.0.mlp.up_proj.weight')!.m.fill(0);
  await advance(forgotten.trainer, steps);
  expect(sameBits(weightsOf(forgotten.model), weightsOf(straight.model))).toBe(false);
});
