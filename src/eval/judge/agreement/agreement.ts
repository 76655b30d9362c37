/** How far a judge agrees with people: to be reported beside whatever it judged. */
import { cohenKappa } from './cohen-kappa.ts';
import { krippendorffAlpha } from './krippendorff-alpha.ts';

export interface Agreement {
  /** Items with a value of the judge and a label. */
  readonly items: number;
  /** Items with a label only: the judge failed there. */
  readonly missing: number;
  /** Share of equal values. */
  readonly equal: number;
  readonly kappa: number;
  readonly quadraticKappa: number;
  /** Ordinal. */
  readonly alpha: number;
  /** Mean of |judge - label|, in steps of the scale. */
  readonly meanGap: number;
}

export interface ScaleEnds {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * @param judge values of one criterion; a median between two values of the scale counts as the upper one
 * @param labels of people, of the same items; null where there is none
 * @throws Error for values outside the scale
 */
export function agreementWithLabels(
  judge: readonly (number | null)[],
  labels: readonly (number | null)[],
  { lowest, highest }: ScaleEnds,
): Agreement {
  if (judge.length !== labels.length) throw new Error(`${judge.length} values and ${labels.length} labels`);
  const labelled = judge.flatMap((value, i) => {
    const label = labels[i];
    return label === null ? [] : [{ value: value === null ? null : Math.ceil(value), label }];
  });
  const pairs = labelled.flatMap(({ value, label }) => (value === null ? [] : [{ value, label }]));
  const values = pairs.map(({ value }) => value);
  const known = pairs.map(({ label }) => label);
  const scale = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  return {
    items: pairs.length,
    missing: labelled.length - pairs.length,
    equal: mean(pairs.map(({ value, label }) => Number(value === label))),
    kappa: cohenKappa(values, known, scale),
    quadraticKappa: cohenKappa(values, known, scale, 'quadratic'),
    alpha: krippendorffAlpha([values, known]),
    meanGap: mean(pairs.map(({ value, label }) => Math.abs(value - label))),
  };
}
