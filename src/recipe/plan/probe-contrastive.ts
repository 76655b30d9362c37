/** How long a step of contrastive training takes on this machine: a few real ones, on the first batches of the stage. */

import type { Engine } from '../../runtime/engine.ts';
import { contrastiveProgram, planContrastive } from '../../stages/contrastive.ts';
import { createAdamW } from '../../train/optimizers/adamw.ts';
import { trainedParameters } from '../../train/trained-model.ts';
import type { Lesson } from '../train-embedder.ts';
import { type StepTime, timePasses, timeUpdate } from './probe.ts';

/** Changes the model's gradients and moments, and no weight. */
export async function probeContrastive(
  engine: Engine,
  { model, pairs, settings }: Lesson,
  signal?: AbortSignal,
): Promise<StepTime> {
  const { batches } = planContrastive(model, pairs, settings);
  const program = contrastiveProgram(engine, model, settings);
  try {
    const step = () => program.forwardBackward(batches.next(), { labelWeight: 1, accumulate: false });
    // Programs are compiled for the shapes of the first steps.
    for (let compiled = 0; compiled < 2; compiled++) await step();
    const pass = await timePasses(step, signal);
    return {
      pass,
      update: await timeUpdate(createAdamW(trainedParameters(model).values(), { weightDecay: settings.weight_decay })),
    };
  } finally {
    await engine.drain();
    program.release();
  }
}
