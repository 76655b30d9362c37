/** Samples by what was asked, with the answers of one model after the other side by side. */
import type { LoggedSample } from '../../stages/samples/sample-log.ts';
import type { StageSummary } from '../summary.ts';

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
  readonly sample: LoggedSample;
}

/** In the order in which it was asked first. A model that was asked twice and answered alike is one answer. */
export function askedSamples(stages: readonly StageSummary[]): AskedSample[] {
  const asked = new Map<string, AskedSample & { readonly answers: ModelAnswer[] }>();
  for (const { name, from, samples } of stages) {
    for (const sample of samples) {
      const { source, prompt, expected, step, text } = sample;
      const key = JSON.stringify([source, prompt]);
      const entry = asked.get(key) ?? { source, prompt, expected, answers: [] };
      asked.set(key, entry);
      const model = step === 0 ? from : name;
      const isKnown = entry.answers.some((answer) => answer.model === model && answer.sample.text === text);
      if (!isKnown) entry.answers.push({ model, sample });
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
