/** Responses in the order of `requests.ts`, given back to the variants that they answer. */
import type { Answer, ContinuationScore, Failure, Outcome } from '../../model/language-model.ts';
import { isAnswered, isScoredByLikelihood, needsUnconditional } from '../requests.ts';
import type { ItemResponses, ItemVariant, Task, TaskItem } from '../task.ts';

export interface VariantResponses {
  readonly variant: ItemVariant;
  /** Of each option. */
  readonly options: readonly ContinuationScore[];
  /** Of each option without the prompt; empty where nothing needs it. */
  readonly unconditional: readonly ContinuationScore[];
}

/** What was answered, or the first failure among it. */
export type Answered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** @throws Error if there are not as many responses as requests. */
export function optionScores(
  task: Task,
  { variants }: TaskItem,
  { continuations }: ItemResponses,
): Answered<readonly VariantResponses[]> {
  if (!isScoredByLikelihood(task)) return { ok: true, value: [] };
  let at = 0;
  const next = (): Outcome<readonly ContinuationScore[]> => {
    const outcome = continuations[at++];
    if (outcome === undefined) throw new Error(`${continuations.length} responses, and more requests`);
    return outcome;
  };
  const main = variants.map(({ promptByOption }) =>
    promptByOption === undefined ? next() : joined(promptByOption.map(next)),
  );
  const without = needsUnconditional(task) ? variants.map(next) : [];
  const failed = [...main, ...without].find((outcome) => !outcome.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const scoresOf = (outcome: Outcome<readonly ContinuationScore[]> | undefined) => (outcome?.ok ? outcome.value : []);
  return {
    ok: true,
    value: variants.map((variant, i) => ({ variant, options: scoresOf(main[i]), unconditional: scoresOf(without[i]) })),
  };
}

/** For each variant its answers, one for each repeat. */
export function writtenAnswers(
  task: Task,
  { variants }: TaskItem,
  { answers }: ItemResponses,
): Answered<readonly (readonly Answer[])[]> {
  if (!isAnswered(task)) return { ok: true, value: [] };
  const { repeats } = task.config;
  if (answers.length !== variants.length * repeats) {
    throw new Error(`${answers.length} answers to ${variants.length * repeats} requests`);
  }
  const failed = answers.find((outcome) => !outcome.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const values = answers.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  return { ok: true, value: variants.map((_, i) => values.slice(i * repeats, (i + 1) * repeats)) };
}

function joined(parts: readonly Outcome<readonly ContinuationScore[]>[]): Outcome<readonly ContinuationScore[]> {
  const failed = parts.find((outcome) => !outcome.ok);
  if (failed !== undefined) return failed;
  return { ok: true, value: parts.flatMap((outcome) => (outcome.ok ? outcome.value : [])) };
}
