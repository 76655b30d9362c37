import type { Rational } from '../../../generate/tools/calculator/rational.ts';

export type NumberUnit = 'none' | 'percent' | 'basis_points' | 'per_mille' | 'multiple';

/** A number with what it measures. */
export interface NumericQuantity {
  /** Exact, with `scale` applied, in the unit: "12.5%" is 12.5 percent. */
  readonly value: Rational;
  readonly unit: NumberUnit;
  /** ISO 4217, where the text decides it. */
  readonly currency?: string;
  /** Digits printed after the decimal separator; undefined for words, fractions and amounts of several components. */
  readonly decimals?: number;
  /** What words and headers multiply the printed number by: "1.2 million" has 10^6, "45 cents" 1/100. */
  readonly scale: Rational;
}
