/** Samples in the course of a stage: the same questions every so many steps. */
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { Sample } from './generate-samples.ts';
import { logSamples, sampleLogName } from './sample-log.ts';

export interface SamplerOptions {
  /** Of the stage. */
  readonly folder: string;
  /** Told once why there are no samples. */
  readonly onNote?: (message: string) => void;
}

/** Samples the model as it is after so many steps. Gives how many there are. */
export type Sampler = (step: number) => Promise<number>;

/**
 * A run never fails for want of samples: what stands against them is told.
 * @param ask what the model says to the same prompts
 */
export function createSampler(ask: () => Promise<readonly Sample[]>, { folder, onNote }: SamplerOptions): Sampler {
  let told = false;
  return async (step) => {
    try {
      const samples = await ask();
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
