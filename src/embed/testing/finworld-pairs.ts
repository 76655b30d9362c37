/** Questions about tables of invented companies, each with the table that answers it; companies of the splits differ. */
import type { Pair } from '../../data/pairs/pair.ts';
import { generateQuestions, type Split } from '../../finworld/index.ts';

/** One question about each of so many tables. */
export function finworldPairs(split: Split, count: number): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { question, context } of generateQuestions({ kind: 'lookup', seed: 3, split, questions: 2 * count })) {
    if (!pairs.has(context)) pairs.set(context, { query: question, positive: context, negatives: [] });
    if (pairs.size === count) break;
  }
  return [...pairs.values()];
}
