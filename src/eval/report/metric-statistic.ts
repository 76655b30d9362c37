/** Metrics as statistics of items that were drawn with repetition, whatever a metric is computed from. */
import { balancedAccuracyOf } from '../metrics/balanced-accuracy.ts';
import { calibrationStatistic } from '../metrics/calibration.ts';
import { classScores } from '../metrics/class-scores.ts';
import type { ConfusionMatrix, MatrixMetric } from '../metrics/confusion-matrix.ts';
import { macroF1Of, weightedF1Of } from '../metrics/f1.ts';
import { mccOf } from '../metrics/mcc.ts';
import { type WeightedStatistic, weightedMean } from '../statistics/bootstrap.ts';
import type { Contribution } from '../tasks/task.ts';
import { labelTable } from './label-table.ts';

const ofMeans: Readonly<Record<string, (mean: number) => number>> = {
  mean: (mean) => mean,
  perplexity: (mean) => Math.exp(-mean),
};

const ofRatios: Readonly<Record<string, (sumPerWeight: number) => number>> = {
  weighted_mean: (ratio) => ratio,
  weighted_perplexity: (ratio) => Math.exp(-ratio),
  bits_per_byte: (ratio) => -ratio / Math.LN2,
};

const ofMatrices: Readonly<Record<string, MatrixMetric>> = {
  f1: secondLabelF1,
  f1_macro: macroF1Of,
  f1_weighted: weightedF1Of,
  mcc: mccOf,
  balanced_acc: balancedAccuracyOf,
};

/** The metric that an aggregation computes from a confusion matrix; undefined if it does not. */
export function matrixMetric(aggregation: string): MatrixMetric | undefined {
  return Object.hasOwn(ofMatrices, aggregation) ? ofMatrices[aggregation] : undefined;
}

/**
 * The aggregation of contributions, each counted `weights[i]` times; undefined where there is no such statistic.
 * @param labels those that the task declares, in its order; `f1` is of the second
 */
export function metricStatistic(
  aggregation: string,
  contributions: readonly Contribution[],
  labels: readonly string[] = [],
): WeightedStatistic | undefined {
  const values = allOf(contributions, 'value');
  if (values && Object.hasOwn(ofMeans, aggregation)) {
    const mean = weightedMean(values.map(({ value }) => value));
    return (weights) => ofMeans[aggregation](mean(weights));
  }
  const ratios = allOf(contributions, 'ratio');
  if (ratios && Object.hasOwn(ofRatios, aggregation)) {
    const [sums, sizes] = [ratios.map(({ sum }) => sum), ratios.map(({ weight }) => weight)];
    return (weights) => ofRatios[aggregation](dot(weights, sums) / dot(weights, sizes));
  }
  const sure = allOf(contributions, 'confidence');
  if (sure && aggregation === 'calibration_error') return calibrationStatistic(sure);
  const pairs = allOf(contributions, 'label');
  const metric = matrixMetric(aggregation);
  if (pairs === undefined || metric === undefined) return undefined;
  const table = labelTable(pairs, labels);
  return table && ((weights) => metric(table.matrix(weights)));
}

/** As upstream: of label 1 of two. */
function secondLabelF1(matrix: ConfusionMatrix): number {
  return classScores(matrix)[1]?.f1 ?? Number.NaN;
}

function dot(weights: Uint32Array, values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + weights[i] * value, 0);
}

export function allOf<Kind extends Contribution['kind']>(
  contributions: readonly Contribution[],
  kind: Kind,
): readonly Extract<Contribution, { kind: Kind }>[] | undefined {
  const found = contributions.filter((each): each is Extract<Contribution, { kind: Kind }> => each.kind === kind);
  return found.length === contributions.length ? found : undefined;
}
