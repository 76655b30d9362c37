/** How long answers are, beside the longest that they could have been. */
import { quantile } from '../statistics/quantile.ts';
import type { ScoredItem } from './scored-item.ts';
import type { AnswerLengths } from './summary.ts';

const BINS = 24;

/** Null without answers. */
export function summariseLengths(scored: readonly ScoredItem[], limit: number): AnswerLengths | null {
  const answers = scored
    .flatMap(({ score }) => score.answers)
    .filter(({ tokens }) => Number.isFinite(tokens) && tokens >= 0);
  if (answers.length === 0) return null;
  const width = Math.max(1, Math.ceil((limit + 1) / BINS));
  const bins = Math.floor(limit / width) + 1;
  const finished = new Array<number>(bins).fill(0);
  const cutOff = new Array<number>(bins).fill(0);
  for (const { tokens, finishReason } of answers) {
    // A server may count otherwise than it cuts.
    const bin = Math.min(bins - 1, Math.floor(tokens / width));
    (finishReason === 'length' ? cutOff : finished)[bin]++;
  }
  const ascending = Float64Array.from(answers, ({ tokens }) => tokens).sort();
  return { limit, width, finished, cutOff, median: quantile(ascending, 0.5) };
}
