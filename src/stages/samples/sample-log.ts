/**
 * `training-samples.jsonl` of a stage: what the model said in the course of its training, one JSON object a line, in the
 * order of steps. Written whole each time, so that it is never torn.
 */
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import type { Sample } from './generate-samples.ts';

export const sampleLogName = 'training-samples.jsonl';

export interface LoggedSample extends Sample {
  /** Steps done. */
  readonly step: number;
}

/**
 * Adds the samples of a step in place of all from this step on, which a run that goes on from an earlier one has left.
 */
export async function logSamples(path: string, samples: readonly Sample[], step: number): Promise<void> {
  const earlier = (await linesOf(path)).filter((line) => stepOf(line) < step);
  const added = samples.map((sample) => {
    const logged: LoggedSample = { step, ...sample };
    return JSON.stringify(logged);
  });
  await writeFileAtomically(path, [...earlier, ...added].map((line) => `${line}\n`).join(''));
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((line) => line !== '');
}

/** Infinite for what is no sample of ours: it goes. */
function stepOf(line: string): number {
  try {
    const { step } = JSON.parse(line);
    return typeof step === 'number' ? step : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
