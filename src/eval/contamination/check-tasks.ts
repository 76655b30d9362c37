/**
 * Whether a model may have seen the items of a task: what of them stands in declared training data, and how well a model
 * completes them. The first finds copies, the second what was learnt by heart from wherever; neither finds paraphrases.
 */
import type { LanguageModel } from '../model/language-model.ts';
import type { TaskItem } from '../tasks/task.ts';
import { type Completion, type CompletionProbe, completionProbe, halvesOf } from './completion-probe.ts';
import { type ItemOverlap, NgramOverlap, type TrainingDocument } from './ngram-overlap.ts';

/** An item of which more words than this lie in the training data counts as known (Touvron et al. 2023, section A.6). */
export const knownShare = 0.8;

export interface TaskOverlap {
  readonly task: string;
  readonly items: number;
  /** Items long enough to hold an n-gram. */
  readonly measured: number;
  /** Items of which any n-gram was found, and those with more than `knownShare` of their words in such n-grams. */
  readonly touched: number;
  readonly known: number;
  /** The most known first. */
  readonly worst: readonly ItemOverlap[];
}

export interface TaskItems {
  readonly task: string;
  readonly items: readonly TaskItem[];
}

const worstShown = 10;

/**
 * @param documents read once, for all tasks together
 * @param n words of an n-gram
 */
export async function overlapOfTasks(
  tasks: readonly TaskItems[],
  documents: AsyncIterable<TrainingDocument>,
  { n, onDocument }: { readonly n: number; readonly onDocument?: () => void },
): Promise<TaskOverlap[]> {
  const counters = tasks.map(({ items }) => new NgramOverlap(items.map(leaked), { n }));
  for await (const document of documents) {
    for (const counter of counters) counter.add(document);
    onDocument?.();
  }
  return tasks.map(({ task, items }, i): TaskOverlap => {
    const found = counters[i].report();
    const measured = found.filter(({ share }) => share !== null);
    const touched = measured.filter(({ share }) => share! > 0);
    return {
      task,
      items: items.length,
      measured: measured.length,
      touched: touched.length,
      known: touched.filter(({ share }) => share! > knownShare).length,
      worst: touched.toSorted((a, b) => b.share! - a.share! || b.longest - a.longest).slice(0, worstShown),
    };
  });
}

/** Question and answer: what a leak would hold, without what all items share. */
const leaked = ({ id, question, variants: [{ target }] }: TaskItem) => ({ id, text: `${question} ${target[0] ?? ''}` });

export interface TaskProbe extends CompletionProbe {
  readonly task: string;
  /** Items with enough text to be halved. */
  readonly asked: number;
}

/** Lets the model go on with the first half of each item, at temperature 0. */
export async function probeTask(
  model: LanguageModel,
  { task, items }: TaskItems,
  {
    seed,
    signal,
    onOutcome,
  }: { readonly seed: number; readonly signal?: AbortSignal; readonly onOutcome?: () => void },
): Promise<TaskProbe> {
  const halves = items.flatMap((item) => halvesOf(leaked(item).text) ?? []);
  const outcomes = await model.answer(
    // A token is one character at least, so the second half is never cut short of its length.
    halves.map(({ first, second }) => ({ prompt: first, maxTokens: Math.min(256, Array.from(second).length) })),
    { signal, onOutcome },
  );
  const completions = outcomes.map((outcome, i): Completion | null =>
    outcome.ok ? { continuation: outcome.value.text.trimStart(), secondHalf: halves[i].second } : null,
  );
  return { task, asked: halves.length, ...completionProbe(completions, { seed, label: task }) };
}
