/**
 * Whether a stage's result is good enough to go on from (QianfanHuijin, section 2.1 of its sheet: each stage is judged by
 * its own capability and must not cost the others). Accepted if every metric of its own improves by more than two
 * standard errors and nothing else falls by more than the tolerance or two standard errors, whichever is larger. Errors
 * are those of differences between the same items before and after.
 */

import type { Measured } from './measure/measuring.ts';
import { changesOfBits, changesOfTasks, type PairedChange } from './measure/paired-changes.ts';

export interface GateRules {
  /** The stage's own, as `bits_per_byte/<set>` or the name of a task. */
  readonly metrics: readonly string[];
  /** Points of a task, or a share of bits per byte. */
  readonly tolerance: number;
  readonly on_fail: 'warn' | 'stop';
}

export interface GatedMetric extends PairedChange {
  /** Whether the stage is for it. */
  readonly own: boolean;
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
  const { tolerance } = rules;
  const metrics = [
    ...changesOfBits(before.bits, after.bits).map((change) => judged(change, rules, tolerance * (change.before ?? 0))),
    ...changesOfTasks(before.tasks, after.tasks, seed).map((change) => judged(change, rules, tolerance)),
  ];
  const failed = metrics.filter(({ passes }) => !passes);
  return { accepted: failed.length === 0, on_fail: rules.on_fail, metrics, reasons: failed.map(reasonOf) };
}

const STANDARD_ERRORS = 2;

/** @param tolerated the least fall that counts, in the metric's unit */
function judged(change: PairedChange, rules: GateRules, tolerated: number): GatedMetric {
  const { metric, improvement, standardError } = change;
  const own = rules.metrics.includes(metric);
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

function reasonOf({ metric, own, before, after, improvement, limit }: GatedMetric): string {
  const figure = (value: number | null) => (value === null ? 'nothing' : value.toFixed(3));
  const values = `${metric} went from ${figure(before)} to ${figure(after)}`;
  if (!own) return `${values}, worse by ${figure(-(improvement ?? 0))} where ${figure(limit)} is tolerated`;
  if (limit === null) return `${values}, and there are too few items to tell`;
  return `${values}, which is not better by more than two standard errors (${figure(limit)})`;
}
