/**
 * Right labels against predicted ones, over a declared set of labels. An answer out of which no label was read is a
 * prediction of its own kind: it has a column, belongs to no class and is never dropped, so it costs recall.
 */
import { InputError } from '../../errors.ts';
import {
  type Answered,
  answered,
  type MetricValue,
  type ResampledMetricOptions,
  resampledValue,
} from './metric-value.ts';

export interface Classified {
  readonly gold: string;
  /** Undefined where no label could be read out of the answer. A label that is not declared counts the same. */
  readonly predicted: string | undefined;
}

export interface ConfusionMatrix {
  readonly labels: readonly string[];
  /** [labels, labels + 1] by right and predicted label; the last column counts what is none of the labels. */
  readonly counts: Float64Array;
}

/** A metric that a confusion matrix is enough for. NaN where it is undefined. */
export type MatrixMetric = (matrix: ConfusionMatrix) => number;

/** Throws an `InputError` if a right label is not declared, or a label declared twice. */
export function confusionMatrix(labels: readonly string[], items: readonly (Classified | null)[]): ConfusionMatrix {
  const cells = cellsOf(labels, answered(items));
  return fill(labels, cells, new Uint32Array(cells.length).fill(1));
}

/** A metric of the matrix over the answered items; its standard error by drawing items, or whole clusters of them. */
export function classificationMetric(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  metric: MatrixMetric,
  options: ResampledMetricOptions & { readonly label: string },
): MetricValue {
  const kept = answered(items, options.clusters);
  const cells = cellsOf(labels, kept);
  return resampledValue(kept, (weights) => metric(fill(labels, cells, weights)), options, options.label);
}

/** Place in the matrix of each item. */
function cellsOf(labels: readonly string[], { items }: Answered<Classified>): Uint32Array {
  const places = new Map(labels.map((label, i) => [label, i]));
  if (places.size !== labels.length) throw duplicateLabel(labels);
  return Uint32Array.from(items, ({ gold, predicted }) => {
    const row = places.get(gold);
    if (row === undefined) throw undeclaredLabel(gold, labels);
    const column = predicted === undefined ? undefined : places.get(predicted);
    return row * (labels.length + 1) + (column ?? labels.length);
  });
}

function fill(labels: readonly string[], cells: Uint32Array, weights: Uint32Array): ConfusionMatrix {
  const counts = new Float64Array(labels.length * (labels.length + 1));
  for (let i = 0; i < cells.length; i++) counts[cells[i]] += weights[i];
  return { labels, counts };
}

export interface Margins {
  /** Items of each right label, [labels]. */
  readonly gold: Float64Array;
  /** Items of each predicted label, [labels + 1]. */
  readonly predicted: Float64Array;
  /** Rightly predicted items of each label, [labels]. */
  readonly right: Float64Array;
  readonly total: number;
}

export function marginsOf({ labels, counts }: ConfusionMatrix): Margins {
  const columns = labels.length + 1;
  const [gold, predicted, right] = [labels.length, columns, labels.length].map((length) => new Float64Array(length));
  for (let row = 0; row < labels.length; row++) {
    right[row] = counts[row * columns + row];
    for (let column = 0; column < columns; column++) {
      gold[row] += counts[row * columns + column];
      predicted[column] += counts[row * columns + column];
    }
  }
  return { gold, predicted, right, total: gold.reduce((a, b) => a + b, 0) };
}

function undeclaredLabel(gold: string, labels: readonly string[]): InputError {
  return new InputError({
    field: 'gold label',
    found: JSON.stringify(gold),
    expected: `one of ${JSON.stringify(labels)}`,
    fix: 'Declare every label that the data has, or correct the data.',
  });
}

function duplicateLabel(labels: readonly string[]): InputError {
  return new InputError({
    field: 'labels',
    found: JSON.stringify(labels),
    expected: 'each label once',
    fix: 'Remove the repetition.',
  });
}
