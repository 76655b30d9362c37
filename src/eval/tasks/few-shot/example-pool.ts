/** Documents that examples are drawn from: another split, texts of the task, or a part of the scored split. */
import { UsageError } from '../../../errors.ts';
import { canonicalJson } from '../canonical-json.ts';
import { readSplit } from '../data/read-split.ts';
import type { SplitDocuments, SplitPart } from '../split-documents.ts';
import type { Document, Task } from '../task.ts';

export interface ExamplePool {
  readonly documents: readonly Document[];
  /** Place of each document in the split, where it is not its place here. */
  readonly places?: readonly number[];
  readonly split: string;
  /** Whether questions are in it too. */
  readonly sharesSplit: boolean;
}

/** @throws UsageError for places that are not in the split, and what reading another split throws */
export async function examplePool(
  task: Task,
  { split: scored, all, reserved }: SplitDocuments,
  signal?: AbortSignal,
): Promise<ExamplePool> {
  const { config } = task;
  const { samples, fewshot_indices: places, process_docs, reserve } = config.fewshot_config;
  if (reserve !== undefined) return { ...distinct(reserved), split: scored, sharesSplit: false };
  const named = config.fewshot_config.split ?? config.fewshot_split;
  if (named === undefined && samples !== undefined) return { documents: samples, split: 'samples', sharesSplit: false };
  const split = named ?? config.training_split ?? config.validation_split ?? scored;
  const isSame = split === scored && process_docs === undefined;
  const documents = isSame ? all : await readSplit(task, split, { signal, process: process_docs?.function });
  if (places === undefined) return { documents, split, sharesSplit: split === scored };
  const outside = places.find((place) => place >= documents.length);
  if (outside !== undefined) {
    throw new UsageError({
      field: `${task.file}: fewshot_config.fewshot_indices`,
      found: String(outside),
      expected: `less than ${documents.length}`,
      fix: 'Name documents that are there.',
    });
  }
  return { documents: places.map((place) => documents[place]), split, sharesSplit: split === scored };
}

/** No example twice before one question. */
function distinct({ documents, places }: SplitPart): SplitPart {
  const seen = new Set<string>();
  const first = [...documents.keys()].filter((i) => {
    const key = canonicalJson(documents[i]);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return { documents: first.map((i) => documents[i]), places: first.map((i) => places[i]) };
}
