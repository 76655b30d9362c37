/** What a model may learn from a task: the questions of its training split, as the task asks them. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { itemsOf } from './items.ts';
import { scoredSplit } from './split-documents.ts';
import type { ItemOptions, Task, TaskItem } from './task.ts';

/** The split that a model may learn from; undefined where the task has none apart from the one that it scores. */
export function trainingSplitOf(task: Task): string | undefined {
  const { training_split: split } = task.config;
  return split === scoredSplit(task) ? undefined : split;
}

/**
 * The items of the training split. Free answers are those that examples give, such as with their worked steps; the examples
 * themselves are never scored ones.
 * @throws as `itemsOf`
 */
export function trainingItems(task: Task, options: ItemOptions): Promise<readonly TaskItem[]> {
  const { config } = task;
  const { fewshot_config: examples, fewshot_split, doc_to_choice, doc_to_options, doc_to_target } = config;
  const split = trainingSplitOf(task);
  const scored = scoredSplit(task);
  const apart = (name: string | undefined) => (name === scored ? split : name);
  const isFree = doc_to_choice === undefined && doc_to_options === undefined;
  return itemsOf(
    {
      ...task,
      config: {
        ...config,
        test_split: split,
        fewshot_split: apart(fewshot_split),
        fewshot_config: { ...examples, split: apart(examples.split) },
        doc_to_target: (isFree ? examples.doc_to_target : undefined) ?? doc_to_target,
        // The labels of a card are those of the split that is scored.
        dataset_card: { ...config.dataset_card, labels: undefined },
      },
    },
    options,
  );
}

/** Hashes of the questions that a task scores: what is learnt must be none of these. @throws as `itemsOf` */
export async function scoredQuestions(task: Task, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  return new Set((await itemsOf(task, { fewShot: 0, signal })).map(questionHash));
}

/** SHA-256 of what an item asks, with its options and without its examples; neither its place nor white space matters. */
export function questionHash({ question, document, variants: [{ options }] }: TaskItem): string {
  // Where options fill a gap there is no question without them.
  const asked = question === '' ? canonicalJson(document) : question.replace(/\s+/g, ' ').trim();
  return createHash('sha256')
    .update(JSON.stringify([asked, options]))
    .digest('hex');
}
