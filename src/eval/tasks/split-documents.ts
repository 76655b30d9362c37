/** The documents of the split that a task scores, without those that it keeps for examples. */
import { UsageError } from '../../errors.ts';
import { canonicalJson } from './canonical-json.ts';
import { readSplit } from './data/read-split.ts';
import { reservedPlaces } from './few-shot/reserved-documents.ts';
import { textOf } from './field-readings.ts';
import { readFields } from './fields.ts';
import type { Document, Task } from './task.ts';
import { TemplateRenderer } from './templates/template-renderer.ts';

/** Documents in the order of the split, and the place of each in it. */
export interface SplitPart {
  readonly documents: readonly Document[];
  readonly places: readonly number[];
}

export interface SplitDocuments {
  readonly split: string;
  /** The whole split, in order; each document is in one of the parts. */
  readonly all: readonly Document[];
  readonly scored: SplitPart;
  /** Kept for examples (`fewshot_config.reserve`), never scored. */
  readonly reserved: SplitPart;
}

/** @throws UsageError where nothing is left to score, and what reading the split throws */
export async function splitDocuments(task: Task, signal?: AbortSignal): Promise<SplitDocuments> {
  const split = scoredSplit(task);
  const all = await readSplit(task, split, { signal });
  const { reserve } = task.config.fewshot_config;
  const kept = reserve === undefined ? new Set<number>() : reservedPlaces(await keysOf(task, split, all), reserve);
  if (kept.size === all.length) {
    throw new UsageError({
      field: `${task.file}: fewshot_config.reserve`,
      found: `${reserve}, which leaves none of ${all.length} documents to score`,
      expected: 'a number that leaves most of them',
      fix: 'Keep fewer documents for examples.',
    });
  }
  const part = (isKept: boolean): SplitPart => {
    const places = [...all.keys()].filter((place) => kept.has(place) === isKept);
    return { documents: places.map((place) => all[place]), places };
  };
  return { split, all, scored: part(false), reserved: part(true) };
}

/** The split whose documents are scored. */
export function scoredSplit({ config, file }: Task): string {
  const split = config.test_split ?? config.validation_split ?? config.training_split;
  if (split !== undefined) return split;
  const expected = 'a test_split or validation_split';
  throw new UsageError({ field: file, found: 'no split to score', expected, fix: 'Name the split.' });
}

/** Documents of one cluster are not independent, and so not on both sides. */
async function keysOf(task: Task, split: string, documents: readonly Document[]): Promise<readonly string[]> {
  const { cluster } = task.config;
  if (cluster === undefined) return documents.map(canonicalJson);
  const renderer = new TemplateRenderer(task.file);
  try {
    const nameOf = (place: number): string => `document ${split}/${place}`;
    const fields = await readFields(renderer, { cluster }, documents, { file: task.file, nameOf });
    return fields.map((field) => textOf(field.cluster));
  } finally {
    await renderer.close();
  }
}
