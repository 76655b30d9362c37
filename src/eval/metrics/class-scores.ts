import { type ConfusionMatrix, marginsOf } from './confusion-matrix.ts';

export interface ClassScores {
  readonly label: string;
  /** Items that have this label, and items predicted to have it. */
  readonly gold: number;
  readonly predicted: number;
  /** Share of the predicted that are right; null where none is predicted. */
  readonly precision: number | null;
  /** Share of those that have the label that are found; null where none has it. */
  readonly recall: number | null;
  /** 2 x right / (gold + predicted); null where the label occurs on neither side. */
  readonly f1: number | null;
}

/** Precision, recall and F1 of each declared class. */
export function classScores(matrix: ConfusionMatrix): ClassScores[] {
  const { gold, predicted, right } = marginsOf(matrix);
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return matrix.labels.map((label, i) => ({
    label,
    gold: gold[i],
    predicted: predicted[i],
    precision: share(right[i], predicted[i]),
    recall: share(right[i], gold[i]),
    f1: share(2 * right[i], gold[i] + predicted[i]),
  }));
}
