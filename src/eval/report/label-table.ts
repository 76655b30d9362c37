/** Right and predicted labels of items, counted as often as each item was drawn. */
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';

export interface LabelPair {
  readonly gold: string;
  /** Undefined for an answer that is none of the labels. */
  readonly predicted: string | undefined;
}

export interface LabelTable {
  readonly labels: readonly string[];
  matrix(weights: Uint32Array): ConfusionMatrix;
  /** What picking a label at random comes to on average. */
  randomMatrix(): ConfusionMatrix;
  /** What always answering the most frequent label comes to. */
  majorityMatrix(): ConfusionMatrix;
}

/** Matrices grow with the square of it, and are filled for every draw. */
const MOST_LABELS = 64;

/**
 * Undefined with more than 64 labels.
 * @param declared labels that exist, whether they occur or not; those that occur are found anyway
 */
export function labelTable(pairs: readonly LabelPair[], declared: readonly string[] = []): LabelTable | undefined {
  const occurring = pairs.flatMap(({ gold, predicted }) => (predicted === undefined ? [gold] : [gold, predicted]));
  const labels = [...new Set([...declared, ...occurring.sort()])];
  if (labels.length > MOST_LABELS) return undefined;
  const places = new Map(labels.map((label, i) => [label, i]));
  const columns = labels.length + 1;
  const placeOf = (label: string | undefined) =>
    label === undefined ? labels.length : (places.get(label) ?? labels.length);
  const golds = Uint32Array.from(pairs, ({ gold }) => placeOf(gold));
  const cells = Uint32Array.from(pairs, ({ predicted }, i) => golds[i] * columns + placeOf(predicted));
  const guessing = (share: (column: number) => number): ConfusionMatrix => {
    const counts = new Float64Array(labels.length * columns);
    for (const gold of golds) {
      for (let column = 0; column < labels.length; column++) counts[gold * columns + column] += share(column);
    }
    return { labels, counts };
  };
  return {
    labels,
    matrix(weights) {
      const counts = new Float64Array(labels.length * columns);
      for (let i = 0; i < cells.length; i++) counts[cells[i]] += weights[i];
      return { labels, counts };
    },
    randomMatrix: () => guessing(() => 1 / labels.length),
    majorityMatrix() {
      const counts = new Uint32Array(labels.length);
      for (const gold of golds) counts[gold]++;
      const most = counts.indexOf(Math.max(...counts));
      return guessing((column) => Number(column === most));
    },
  };
}
