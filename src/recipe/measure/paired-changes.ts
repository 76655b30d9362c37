/** What changed between two measurements of the same items, metric by metric, with the errors of paired differences. */
import type { DocumentScore } from '../../eval/bits-per-byte.ts';
import { compareColumn } from '../../eval/compare/compare-column.ts';
import { standardErrorOfRatio } from '../../eval/statistics/standard-error.ts';
import type { MeasuredTask } from './measured-task.ts';
import type { Measured } from './measuring.ts';

export interface PairedChange {
  /** `bits_per_byte/<set>`, or the name of a task. */
  readonly metric: string;
  readonly before: number | null;
  readonly after: number | null;
  /** Positive is better, whatever the metric's direction; null where the two cannot be compared. */
  readonly improvement: number | null;
  readonly standardError: number | null;
}

/** Bits per byte of each set: the ratio of summed differences to summed bytes, over the same documents. */
export function changesOfBits(before: Measured['bits'], after: Measured['bits']): PairedChange[] {
  return [...after].map(([set, scores]) => changeOfBits(`bits_per_byte/${set}`, before.get(set)!, scores));
}

function changeOfBits(metric: string, before: readonly DocumentScore[], after: readonly DocumentScore[]): PairedChange {
  const bytes = after.map((score) => score.bytes);
  const total = bytes.reduce((a, b) => a + b, 0);
  const bits = (scores: readonly DocumentScore[]) => finite(sum(scores) / Math.LN2 / total);
  const fewer = after.map(({ nats }, i) => (before[i].nats - nats) / Math.LN2);
  const [was, is] = [bits(before), bits(after)];
  return {
    metric,
    before: was,
    after: is,
    improvement: was === null || is === null ? null : was - is,
    standardError: finite(standardErrorOfRatio(fewer, bytes)),
  };
}

const sum = (scores: readonly DocumentScore[]): number => scores.reduce((all, { nats }) => all + nats, 0);

/** The headline of each task, over the items that both answered. @param seed of the bootstrap that errors come from */
export function changesOfTasks(before: Measured['tasks'], after: Measured['tasks'], seed: number): PairedChange[] {
  return [...after].map(([name, now]) => changeOfTask(before.get(name)!, now, seed));
}

function changeOfTask(before: MeasuredTask, after: MeasuredTask, seed: number): PairedChange {
  const { task, higherIsBetter, aggregation, labels } = after;
  const earlier = new Map(before.items.map((item) => [item.id, item]));
  const pairs = after.items.map(({ id, cluster, contributions }) => {
    return { cluster, a: earlier.get(id)?.contributions[0] ?? null, b: contributions[0] };
  });
  // The standard error of 2,000 draws is right to within 2%.
  const drawing = { confidence: 0.95, seed, label: `gate ${task}`, draws: 2000 };
  const compared = compareColumn(pairs, { aggregation, labels, ...drawing });
  const { a, b, difference, stderr } = compared;
  const improvement = difference === null || higherIsBetter ? difference : -difference;
  return { metric: task, before: a, after: b, improvement, standardError: stderr };
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
