/** How long a step takes on this machine: a few real ones, of the stage's own shape, on its own first batches. */
import type { PackedBatch } from '../../data/packed-batch.ts';
import { CausalLmProgram } from '../../objectives/causal-lm/program.ts';
import { stream } from '../../random/stream.ts';
import type { Engine } from '../../runtime/engine.ts';
import { createOptimizer, type OptimizerSettings } from '../../stages/create-optimizer.ts';
import type { Optimizer } from '../../train/optimizers/optimizer.ts';
import { type TrainedModel, trainedParameters } from '../../train/trained-model.ts';

export interface StepTime {
  /** Seconds of one forward and backward pass. */
  readonly pass: number;
  /** Seconds of one update. */
  readonly update: number;
}

/** Time is measured until there is this much of it, or this many passes. */
const SECONDS = 2;
const MOST_PASSES = 20;

/** Changes the model's gradients, and nothing else: the update has a learning rate of nothing. */
export async function probeStep(
  engine: Engine,
  model: TrainedModel,
  batch: PackedBatch,
  { optimizer: settings, signal }: { readonly optimizer: OptimizerSettings; readonly signal?: AbortSignal },
): Promise<StepTime> {
  const { rows, length } = batch;
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  try {
    const labelWeight = 1 / Math.max(1, batch.labelCount);
    const dropout = (layer: number, module: string) => stream(0, 'probe', layer, module);
    const run = () => program.forwardBackward(batch, { labelWeight, accumulate: false, dropout });
    // The first pass compiles.
    await run();
    const pass = await timePasses(run, signal);
    return { pass, update: await timeUpdate(createOptimizer(engine, trainedParameters(model).values(), settings)) };
  } finally {
    await engine.drain();
    program.release();
  }
}

/** Seconds of a pass, over as many as it takes to tell. */
export async function timePasses(run: () => Promise<unknown>, signal?: AbortSignal): Promise<number> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  let passes = 0;
  do {
    signal?.throwIfAborted();
    await run();
    passes++;
  } while (seconds() < SECONDS && passes < MOST_PASSES);
  return seconds() / passes;
}

/** Seconds of an update after the first, which may compile. */
export async function timeUpdate(optimizer: Optimizer): Promise<number> {
  try {
    const update = async () => {
      const began = performance.now();
      optimizer.gradientNorm();
      await optimizer.step({ learningRate: 0 });
      return (performance.now() - began) / 1000;
    };
    await update();
    return await update();
  } finally {
    optimizer.release();
  }
}
