/** Pairs from records `{"query", "positive", "negatives"?}`; `negatives` is a list of texts. */
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { describe } from '../../tokenizer/json-fields.ts';
import { valueAt } from '../../yaml/expected-value.ts';
import { place, type ReadOptions } from '../readers/document.ts';
import { readRecords } from '../readers/read-records.ts';
import type { Pair } from './pair.ts';

const text = z.string().refine((value) => value.trim() !== '');
const schema = z.object({ query: text, positive: text, negatives: z.array(text).max(1000).default([]) });

export interface ReadPairsOptions extends Pick<ReadOptions, 'root' | 'signal'> {
  /** Reads no further than so many pairs, at least 1. Default all. */
  readonly most?: number;
}

/** All of them are in memory at once. @throws InputError for a record that is no pair, by its place */
export async function readPairs(
  sources: string | readonly string[],
  { most = Number.POSITIVE_INFINITY, ...options }: ReadPairsOptions = {},
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const { fields, source, line } of readRecords(sources, options)) {
    const parsed = schema.safeParse(fields);
    if (parsed.success) {
      pairs.push(parsed.data);
      if (pairs.length >= most) break;
      continue;
    }
    const [issue] = parsed.error.issues;
    throw new InputError({
      field: `${place(source, line)}, ${issue.path.join('.')}`,
      found: describe(valueAt(issue, fields)),
      expected: '"query" and "positive" with a text each, and "negatives" with a list of texts if there are any',
      fix: 'Correct the record.',
    });
  }
  return pairs;
}
