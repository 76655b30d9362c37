import { PlainCache } from '../../src/generate/cache/plain-cache.ts';
import type { Decoder } from '../../src/models/decoder.ts';
import { passOperations } from '../../src/recipe/plan/training-operations.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { measureCeiling } from '../train-step/ceiling.ts';
import { frozenRandomModel, randomPrompt } from './random-model.ts';
import { median, type Settings } from './settings.ts';

/** Reading a prompt in one step: its time, operations per second, and those of the fastest product of two matrices. */
export async function measurePrefill({ config, precision, threads, prompt, repeats }: Settings): Promise<{
  readonly seconds: number;
  readonly gflops: number;
  readonly ceiling_gflops: number;
}> {
  const engine = new Engine({ threads });
  const before = await measureCeiling(engine);
  const model = frozenRandomModel(engine, config, precision);
  const { sizes } = model.decoder;
  const cache = new PlainCache(engine, model.decoder, { slots: 1, capacity: prompt });
  const view = cache.view([cache.open([0])!]);
  const step = model.prepare(view, { length: prompt });
  const seconds: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const ids = randomPrompt(sizes.vocabulary, prompt, repeat);
    const start = performance.now();
    await step.run(ids, [0]);
    if (repeat > 0) seconds.push((performance.now() - start) / 1000);
  }
  step.release();
  view.release();
  const ceiling = Math.max(before, await measureCeiling(engine));
  await engine.close();
  const typical = median(seconds);
  const gflops = prefillOperations(model.decoder, prompt) / typical / 1e9;
  return { seconds: typical, gflops, ceiling_gflops: ceiling / 1e9 };
}

/** A forward pass is a third of a training step's operations; but only the last token goes through the head. */
function prefillOperations(decoder: Decoder, length: number): number {
  const { hidden, vocabulary } = decoder.sizes;
  return passOperations(decoder, { rows: 1, length }) / 3 - 2 * (length - 1) * vocabulary * hidden;
}
