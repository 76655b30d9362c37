/**
 * Whether a stage's result is good enough to go on from (QianfanHuijin, section 2.1 of its sheet: each stage is judged by
 * its own capability and must not cost the others). Accepted if every metric of its own improves by more than two
 * standard errors and nothing else falls by more than the tolerance or two standard errors, whichever is larger. Errors
 * are those of differences between the same items before and after.
 */

import type { DocumentScore } from '../eval/bits-per-byte.ts';
import { compareColumn } from '../eval/compare/compare-column.ts';
import { standardErrorOfRatio } from '../eval/statistics/standard-error.ts';
import type { MeasuredTask } from './measure/measured-task.ts';
import type { Measured } from './measure/measuring.ts';

export interface GateRules {
  /** The stage's own, as `bits_per_byte/<set>` or the name of a task. */
  readonly metrics: readonly string[];
  /** Points of a task, or a share of bits per byte. */
  readonly tolerance: number;
  readonly on_fail: 'warn' | 'stop';
}

export interface GatedMetric {
  readonly metric: string;
  /** Whether the stage is for it. */
  readonly own: boolean;
  readonly before: number | null;
  readonly after: number | null;
  /** Positive is better, whatever the metric's direction; null where the two cannot be compared. */
  readonly improvement: number | null;
  readonly standardError: number | null;
  /** How far it may fall; for own metrics, what its improvement must exceed. */
  readonly limit: number | null;
  readonly passes: boolean;
}

export interface GateResult {
  readonly accepted: boolean;
  readonly on_fail: GateRules['on_fail'];
  readonly metrics: readonly GatedMetric[];
  /** Why it was not accepted, in words. */
  readonly reasons: readonly string[];
}

/** @param seed of the bootstrap that errors of tasks come from */
export function judge(before: Measured, after: Measured, rules: GateRules, seed: number): GateResult {
  const metrics = [
    ...[...after.bits].map(([set, scores]) => judgeBits(set, before.bits.get(set)!, scores, rules)),
    ...[...after.tasks].map(([task, now]) => judgeTask(before.tasks.get(task)!, now, rules, seed)),
  ];
  const failed = metrics.filter(({ passes }) => !passes);
  return { accepted: failed.length === 0, on_fail: rules.on_fail, metrics, reasons: failed.map(reasonOf) };
}

interface Change {
  readonly metric: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly improvement: number | null;
  readonly standardError: number | null;
  /** The least fall that counts, in the metric's unit. */
  readonly tolerated: number;
}

const STANDARD_ERRORS = 2;

function judged({ tolerated, ...change }: Change, own: boolean): GatedMetric {
  const { improvement, standardError } = change;
  // Where there is no error there are too few items to tell: nothing is proved, nor disproved.
  const uncertain = standardError === null ? null : STANDARD_ERRORS * standardError;
  if (own) {
    const passes = improvement !== null && uncertain !== null && improvement > uncertain;
    return { ...change, own, limit: uncertain, passes };
  }
  const limit = Math.max(tolerated, uncertain ?? Number.POSITIVE_INFINITY);
  return {
    ...change,
    own,
    limit: Number.isFinite(limit) ? limit : null,
    passes: improvement === null || improvement >= -limit,
  };
}

/** Bits per byte: the ratio of summed differences to summed bytes, over the same documents. */
function judgeBits(
  set: string,
  before: readonly DocumentScore[],
  after: readonly DocumentScore[],
  { metrics, tolerance }: GateRules,
): GatedMetric {
  const metric = `bits_per_byte/${set}`;
  const bytes = after.map((score) => score.bytes);
  const total = bytes.reduce((a, b) => a + b, 0);
  const bits = (scores: readonly DocumentScore[]) => finite(sum(scores) / Math.LN2 / total);
  const fewer = after.map(({ nats }, i) => (before[i].nats - nats) / Math.LN2);
  const [was, is] = [bits(before), bits(after)];
  return judged(
    {
      metric,
      before: was,
      after: is,
      improvement: was === null || is === null ? null : was - is,
      standardError: finite(standardErrorOfRatio(fewer, bytes)),
      tolerated: tolerance * (was ?? 0),
    },
    metrics.includes(metric),
  );
}

const sum = (scores: readonly DocumentScore[]): number => scores.reduce((all, { nats }) => all + nats, 0);

function judgeTask(
  before: MeasuredTask,
  after: MeasuredTask,
  { metrics, tolerance }: GateRules,
  seed: number,
): GatedMetric {
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
  return judged(
    { metric: task, before: a, after: b, improvement, standardError: stderr, tolerated: tolerance },
    metrics.includes(task),
  );
}

function reasonOf({ metric, own, before, after, improvement, limit }: GatedMetric): string {
  const figure = (value: number | null) => (value === null ? 'nothing' : value.toFixed(3));
  const values = `${metric} went from ${figure(before)} to ${figure(after)}`;
  if (!own) return `${values}, worse by ${figure(-(improvement ?? 0))} where ${figure(limit)} is tolerated`;
  if (limit === null) return `${values}, and there are too few items to tell`;
  return `${values}, which is not better by more than two standard errors (${figure(limit)})`;
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
