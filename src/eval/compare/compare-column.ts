/** One metric of two models on the same items. */
import { allOf, metricStatistic } from '../report/metric-statistic.ts';
import { areVerdicts } from '../report/scored-item.ts';
import { type BootstrapOptions, bootstrap, bootstrapStandardError } from '../statistics/bootstrap.ts';
import { clustersOf } from '../statistics/clusters.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import { expandedPercentileInterval } from '../statistics/percentile-interval.ts';
import { signFlipTest } from '../statistics/sign-flip-test.ts';
import type { Contribution } from '../tasks/task.ts';
import type { ComparisonRow, PairedTest } from './comparison.ts';
import { swapTest } from './swap-test.ts';

export interface ScoredPair {
  readonly cluster: string | undefined;
  readonly a: Contribution | null;
  readonly b: Contribution | null;
}

export interface ColumnOptions extends Pick<BootstrapOptions, 'seed' | 'label' | 'draws'> {
  readonly aggregation: string;
  readonly labels: readonly string[] | undefined;
  readonly confidence: number;
}

export type ComparedColumn = Pick<
  ComparisonRow,
  'a' | 'b' | 'difference' | 'interval' | 'p' | 'test' | 'n' | 'missing' | 'clusters'
> & { readonly stderr: number | null };

export function compareColumn(pairs: readonly ScoredPair[], options: ColumnOptions): ComparedColumn {
  const { aggregation, labels, confidence } = options;
  const both = pairs.flatMap(({ cluster, a, b }) => (a === null || b === null ? [] : [{ cluster, a, b }]));
  const [a, b] = [both.map((pair) => pair.a), both.map((pair) => pair.b)];
  const names = both.map(({ cluster }) => cluster);
  const n = both.length;
  const counts = { n, missing: pairs.length - n, clusters: clustersOf(n, names).count };
  const [ofA, ofB] = [metricStatistic(aggregation, a, labels), metricStatistic(aggregation, b, labels)];
  const nothing = { a: null, b: null, difference: null, interval: null, p: null, test: null, stderr: null };
  if (n === 0 || ofA === undefined || ofB === undefined) return { ...nothing, ...counts };
  const once = new Uint32Array(n).fill(1);
  const [valueA, valueB] = [ofA(once), ofB(once)];
  const values = { a: finite(valueA), b: finite(valueB) };
  if (values.a === null || values.b === null) return { ...nothing, ...values, ...counts };
  const drawn = bootstrap(n, (weights) => ofB(weights) - ofA(weights), { ...options, clusters: names });
  const isUncertain = counts.clusters > 1 && drawn.distribution.length > 0;
  const { low, high } = expandedPercentileInterval(drawn, confidence);
  return {
    ...values,
    ...counts,
    difference: valueB - valueA,
    interval: isUncertain ? { low, high } : null,
    stderr: isUncertain ? bootstrapStandardError(drawn) : null,
    ...testPairs(a, b, { ...options, clusters: names }),
  };
}

function testPairs(
  a: readonly Contribution[],
  b: readonly Contribution[],
  options: ColumnOptions & BootstrapOptions,
): { readonly p: number | null; readonly test: PairedTest | null } {
  const n = a.length;
  const [first, second] = [allOf(a, 'value'), allOf(b, 'value')].map((all) => all?.map(({ value }) => value));
  if (first && second) {
    const isIndependent = clustersOf(n, options.clusters).count === n;
    if (isIndependent && areVerdicts(a) && areVerdicts(b)) {
      // Rounding may lift it above 1.
      return { p: Math.min(1, mcnemar(first, second).midP), test: 'McNemar, mid-p' };
    }
    return { p: signFlipTest(first, second, options).p, test: 'sign flips' };
  }
  const statistic = metricStatistic(options.aggregation, [...a, ...b], options.labels);
  const p = statistic && finite(swapTest(n, statistic, options));
  return p === undefined || p === null ? { p: null, test: null } : { p, test: 'swaps' };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
