/** Samples by what was asked, with the answers of one model after the other side by side. */
import type { Sample } from '../../stages/samples/generate-samples.ts';
import type { Measurement } from '../summary.ts';

export interface AskedSample {
  /** The set that it is from. */
  readonly source: string;
  readonly prompt: string;
  readonly expected: string | null;
  readonly answers: readonly ModelAnswer[];
}

export interface ModelAnswer {
  /** `base`, or the stage that the model came out of. */
  readonly model: string;
  readonly sample: Sample;
}

/** In the order in which it was asked first. */
export function askedSamples(measurements: readonly Pick<Measurement, 'at' | 'samples'>[]): AskedSample[] {
  const asked = new Map<string, AskedSample & { readonly answers: ModelAnswer[] }>();
  for (const { at, samples } of measurements) {
    for (const sample of samples) {
      const { source, prompt, expected } = sample;
      const key = JSON.stringify([source, prompt]);
      const entry = asked.get(key) ?? { source, prompt, expected, answers: [] };
      asked.set(key, entry);
      entry.answers.push({ model: at, sample });
    }
  }
  return [...asked.values()];
}

/** Names of roles that chat templates write around a question when their special tokens are left out. */
const ROLE_BEFORE = /^\s*(?:user|human)\s*\n/i;
const ROLE_AFTER = /\n\s*(?:assistant|model)\s*$/i;

/** The question of a conversation without the names of roles around it; other texts as they are. */
export function questionOf(prompt: string): string {
  return isQuestion(prompt) ? prompt.replace(ROLE_BEFORE, '').replace(ROLE_AFTER, '') : prompt;
}

export function isQuestion(prompt: string): boolean {
  return ROLE_AFTER.test(prompt);
}
