/** Samples of a stage: the same questions before, during and after its training. */
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Model } from '../../models/model.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { MeasuredPart } from '../measure-sets.ts';
import type { WholeModelOf } from '../train-stage.ts';
import { generateSamples } from './generate-samples.ts';
import { logSamples } from './sample-log.ts';
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

/** Samples the model as it is after `step` steps; its weights may be those of an earlier one. Gives how many there are. */
export type Sampler = (at: { readonly step: number; readonly weightsOfStep?: number }) => Promise<number>;

/** A run never fails for want of samples: what stands against them is told. */
export async function createSampler(
  { config, tokenizer }: Pick<Model, 'config' | 'tokenizer'>,
  whole: WholeModelOf,
  settings: SampleSettings,
  { engine, folder, heldOut, signal, onNote }: SamplerOptions,
): Promise<Sampler> {
  if (!tokenizer) return async () => 0;
  const prompts = await samplePrompts({ config, tokenizer }, heldOut, settings);
  let told = false;
  return async (at) => {
    try {
      const options = { maxTokens: settings.max_tokens, signal };
      const samples = await whole((model) => generateSamples(engine, { ...model, tokenizer }, prompts, options));
      await logSamples(join(folder, 'samples.jsonl'), samples, at);
      return samples.length;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (!told) onNote?.(`no samples: ${error.message}`);
      told = true;
      return 0;
    }
  };
}
