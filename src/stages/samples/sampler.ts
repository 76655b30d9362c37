/** Samples in the course of a stage: the same questions every so many steps. */
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Model } from '../../models/model.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { MeasuredPart } from '../measure-sets.ts';
import type { WholeModelOf } from '../train-stage.ts';
import { generateSamples } from './generate-samples.ts';
import { logSamples, sampleLogName } from './sample-log.ts';
import { type SampleSettings, samplePrompts } from './sample-prompts.ts';

export interface SamplerOptions {
  readonly engine: Engine;
  /** Of the stage. */
  readonly folder: string;
  /** Held-out parts of what it learns. */
  readonly heldOut: readonly MeasuredPart[];
  readonly signal?: AbortSignal;
  /** Told once why there are no samples. */
  readonly onNote?: (message: string) => void;
}

/** Samples the model as it is after so many steps. Gives how many there are. */
export type Sampler = (step: number) => Promise<number>;

/** A run never fails for want of samples: what stands against them is told. */
export async function createSampler(
  { config, decoder, tokenizer }: Pick<Model, 'config' | 'decoder' | 'tokenizer'>,
  whole: WholeModelOf,
  settings: SampleSettings,
  { engine, folder, heldOut, signal, onNote }: SamplerOptions,
): Promise<Sampler> {
  if (!tokenizer) return async () => 0;
  const prompts = await samplePrompts({ config, decoder, tokenizer }, heldOut, settings);
  let told = false;
  return async (step) => {
    try {
      const samples = await whole((model) => generateSamples(engine, { ...model, tokenizer }, prompts, { signal }));
      await logSamples(join(folder, sampleLogName), samples, step);
      return samples.length;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (!told) onNote?.(`no samples: ${error.message}`);
      told = true;
      return 0;
    }
  };
}
