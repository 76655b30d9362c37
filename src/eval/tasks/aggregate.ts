/** Scores of items added up: a number for each metric, with its standard error; items of one cluster err together. */
import { balancedAccuracy } from '../metrics/balanced-accuracy.ts';
import { expectedCalibrationError } from '../metrics/calibration.ts';
import type { Classified } from '../metrics/confusion-matrix.ts';
import { binaryF1, macroF1, weightedF1 } from '../metrics/f1.ts';
import { mcc } from '../metrics/mcc.ts';
import {
  answered,
  type MetricValue,
  meanValue,
  type ResampledMetricOptions,
  ratioValue,
} from '../metrics/metric-value.ts';
import { bitsPerByte, perplexity, weightedPerplexity } from '../metrics/perplexity.ts';
import type { Contribution, ItemClass, ItemScore, MetricResult, Task, TaskMetric, TaskResult } from './task.ts';

/** Of the bootstrap alone. */
const SEED = 1234;

/** The results of a task, or of a part of its items such as a slice. Labels are those of the task and of its items. */
export function aggregate(task: Task, scores: readonly ItemScore[]): TaskResult {
  const classes: Record<ItemClass, number> = { scored: 0, unparsed: 0, truncated: 0, unscored: 0, failed: 0 };
  for (const score of scores) classes[score.class]++;
  const clusters = scores.map(({ cluster }) => cluster);
  const metrics = task.metrics.map((metric, i): MetricResult => {
    const contributions = scores.map((score) => score.scores[i].contribution);
    const { value, stderr, n, missing } = added(task, metric, contributions, clusters);
    const { metric: name, filter, higherIsBetter } = metric;
    return { metric: name, filter, higherIsBetter, value, stderr, n, missing };
  });
  return { metrics, classes };
}

type ClusterNames = readonly (string | undefined)[];

function added(
  task: Task,
  { aggregation }: TaskMetric,
  contributions: readonly (Contribution | null)[],
  clusters: ClusterNames,
): MetricValue {
  const values = (): (number | null)[] => contributions.map((one) => (one?.kind === 'value' ? one.value : null));
  const ratios = () => contributions.map((one) => (one?.kind === 'ratio' ? one : null));
  const labels = (): (Classified | null)[] => contributions.map((one) => (one?.kind === 'label' ? one : null));
  const options: ResampledMetricOptions = { clusters, seed: SEED };
  switch (aggregation) {
    case 'mean':
      return meanValue(values(), options);
    case 'perplexity':
      return perplexity(values(), options);
    case 'weighted_perplexity':
      return weightedPerplexity(ratios(), options);
    case 'bits_per_byte':
      return bitsPerByte(ratios(), options);
    case 'weighted_mean':
      return ratioValue(
        answered(ratios(), clusters),
        ({ sum }) => sum,
        ({ weight }) => weight,
      );
    case 'calibration_error': {
      const sure = contributions.map((one) => (one?.kind === 'confidence' ? one : null));
      return expectedCalibrationError(sure, options);
    }
    case 'f1': {
      const names = labelsOf(task, contributions);
      // Every item failed.
      if (names.length === 0) return { value: null, stderr: null, n: 0, missing: contributions.length };
      // Upstream's F1 is of the second of two options.
      return binaryF1(names, labels(), { ...options, positive: names[1] ?? names[0] });
    }
    case 'f1_macro':
      return macroF1(labelsOf(task, contributions), labels(), options);
    case 'f1_weighted':
      return weightedF1(labelsOf(task, contributions), labels(), options);
    case 'mcc':
      return mcc(labelsOf(task, contributions), labels(), options);
    case 'balanced_acc':
      return balancedAccuracy(labelsOf(task, contributions), labels(), options);
  }
}

/** The options of all documents where they are the same, else all that occur. */
function labelsOf({ config }: Task, contributions: readonly (Contribution | null)[]): readonly string[] {
  const { doc_to_choice: declared } = config;
  if (Array.isArray(declared)) return declared;
  const seen = contributions.flatMap((one) =>
    one?.kind === 'label' ? [one.gold, ...(one.predicted === undefined ? [] : [one.predicted])] : [],
  );
  return [...new Set(seen)].sort();
}
