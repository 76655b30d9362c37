/** One column of results: its value, how sure it is, and what it should be compared with. */
import { detectableUnpaired } from '../statistics/detectable-difference.ts';
import type { Contribution, MetricResult, TaskMetric } from '../tasks/task.ts';
import { labelTable } from './label-table.ts';
import { uncertaintyOf } from './metric-interval.ts';
import { allOf, matrixMetric, metricStatistic } from './metric-statistic.ts';
import { contributionOf, type ScoredItem } from './scored-item.ts';
import type { MetricSummary } from './summary.ts';
import { majorityOption, randomAccuracy } from './task-labels.ts';

export interface MetricOptions {
  readonly confidence: number;
  readonly seed: number;
  /** Of a bootstrap; by the number of items without. */
  readonly draws: number | undefined;
  /** The options of the task where all items have the same. */
  readonly labels: readonly string[] | undefined;
  /** What the task's own aggregation says of these items; computed again without. */
  readonly result?: MetricResult;
}

/** Metrics that are 1 for the right option and 0 for any other. */
const ACCURACIES: ReadonlySet<string> = new Set(['acc', 'acc_norm', 'acc_bytes', 'acc_mutual_info', 'exact_match']);

export function summariseMetric(
  column: TaskMetric,
  scored: readonly ScoredItem[],
  { confidence, seed, draws, labels, result }: MetricOptions,
): MetricSummary {
  const { metric, filter, aggregation, higherIsBetter } = column;
  const measured = scored.flatMap(({ item, score }) => {
    const contribution = contributionOf(score, column);
    return contribution === null ? [] : [{ item, score, contribution }];
  });
  const contributions = measured.map(({ contribution }) => contribution);
  const n = measured.length;
  const statistic = metricStatistic(aggregation, contributions, labels);
  const value = finite(result === undefined ? statistic?.(new Uint32Array(n).fill(1)) : result.value);
  const label = `${metric}/${filter}`;
  const { interval, stderr } =
    value === null
      ? { interval: null, stderr: null }
      : uncertaintyOf(
          {
            contributions,
            clusters: measured.map(({ score }) => score.cluster),
            value,
            stderr: finite(result?.stderr),
            statistic,
            isBiased: aggregation === 'calibration_error',
          },
          { confidence, seed, draws, label },
        );
  return {
    metric,
    filter,
    aggregation,
    higherIsBetter,
    value,
    interval,
    stderr,
    n,
    missing: scored.length - n,
    ...readingOf(scored, filter),
    ...baselinesOf(column, measured, labels),
    detectable: stderr === null || stderr === 0 ? null : detectableUnpaired([stderr, stderr]),
    isShare: isShare(column, contributions),
  };
}

/** Of the answers that were written: how many the filter could not read, if it reads at all, and how many were cut off. */
function readingOf(scored: readonly ScoredItem[], filter: string): Pick<MetricSummary, 'unread' | 'truncated'> {
  const written = scored.filter(({ score }) => score.answers.length > 0);
  const looked = written.filter(({ score }) => Object.hasOwn(score.read, filter));
  const scoredBy = written.filter(({ score }) => Object.hasOwn(score.extracted, filter));
  const share = (among: readonly ScoredItem[], of: (one: ScoredItem) => boolean) =>
    among.length === 0 ? null : among.filter(of).length / among.length;
  return {
    unread: share(looked, ({ score }) => !score.read[filter]),
    truncated: share(scoredBy, ({ score }) => score.answers.some(({ finishReason }) => finishReason === 'length')),
  };
}

function baselinesOf(
  { metric, aggregation }: TaskMetric,
  measured: readonly (ScoredItem & { readonly contribution: Contribution })[],
  labels: readonly string[] | undefined,
): Pick<MetricSummary, 'random' | 'majority'> {
  const matrix = matrixMetric(aggregation);
  const pairs = allOf(
    measured.map(({ contribution }) => contribution),
    'label',
  );
  const table = matrix && pairs && pairs.length > 0 ? labelTable(pairs, labels) : undefined;
  if (matrix !== undefined && table !== undefined) {
    return { random: finite(matrix(table.randomMatrix())), majority: finite(matrix(table.majorityMatrix())) };
  }
  if (!ACCURACIES.has(metric)) return { random: null, majority: null };
  return { random: finite(randomAccuracy(measured)), majority: majorityOption(measured, labels)?.accuracy ?? null };
}

function isShare({ aggregation, higherIsBetter }: TaskMetric, contributions: readonly Contribution[]): boolean {
  if (!higherIsBetter || contributions.length === 0) return false;
  if (matrixMetric(aggregation) !== undefined) return true;
  if (aggregation === 'mean') {
    return allOf(contributions, 'value')?.every(({ value }) => value >= 0 && value <= 1) ?? false;
  }
  if (aggregation !== 'weighted_mean') return false;
  return allOf(contributions, 'ratio')?.every(({ sum, weight }) => sum >= 0 && sum <= weight) ?? false;
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
