import { describe, expect, it } from 'vitest';
import { stream } from '../../../random/stream.ts';
import { agreementWithLabels } from './agreement.ts';
import { cohenKappa } from './cohen-kappa.ts';
import { krippendorffAlpha } from './krippendorff-alpha.ts';

const scale = [1, 2, 3, 4, 5];

function ratings(count: number, label: string): number[] {
  const random = stream(11, 'ratings', label);
  return Array.from({ length: count }, () => 1 + random.below(5));
}

describe('cohenKappa', () => {
  /** `cohen_kappa_score` of scikit-learn 1.9.1. */
  const a = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 3, 3];
  const b = [1, 2, 2, 4, 4, 5, 5, 3, 1, 1, 3, 5];

  it.each([
    ['none', 0.48275862068965514],
    ['linear', 0.6896551724137931],
    ['quadratic', 0.8333333333333334],
  ] as const)('agrees with scikit-learn, weights %s', (weights, expected) => {
    expect(cohenKappa(a, b, scale, weights)).toBeCloseTo(expected, 12);
  });

  it('is 1 for the same ratings and about 0 for unrelated ones', () => {
    const [x, y] = [ratings(5_000, 'x'), ratings(5_000, 'y')];
    for (const weights of ['none', 'linear', 'quadratic'] as const) {
      expect(cohenKappa(x, x, scale, weights)).toBe(1);
      expect(Math.abs(cohenKappa(x, y, scale, weights))).toBeLessThan(0.05);
    }
  });

  it('sees a rater of one value as chance, and cannot speak of two such raters or of none', () => {
    expect(cohenKappa([3, 3, 3, 3], [1, 3, 5, 3], scale)).toBeCloseTo(0, 12);
    expect(cohenKappa([3, 3], [3, 3], scale)).toBeNaN();
    expect(cohenKappa([], [], scale)).toBeNaN();
  });

  it('refuses ratings outside the scale and of different lengths', () => {
    expect(() => cohenKappa([6], [1], scale)).toThrow(/not on the scale/);
    expect(() => cohenKappa([1], [], scale)).toThrow(/1 and 0 ratings/);
  });
});

describe('krippendorffAlpha', () => {
  /** The reliability data of Krippendorff (2011), section E: four observers, twelve units. */
  const observers = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
    [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
  ];

  it.each([
    ['nominal', 0.743],
    ['ordinal', 0.815],
    ['interval', 0.849],
  ] as const)('gives the published value, %s', (level, expected) => {
    expect(krippendorffAlpha(observers, level)).toBeCloseTo(expected, 3);
  });

  /** From the definition: mean differences over pairs within items and over all pairs. */
  function slowAlpha(raters: readonly (readonly (number | null)[])[]): number {
    const items = raters[0].map((_, i) => raters.map((rater) => rater[i]).filter((value) => value !== null));
    const pairable = items.filter((item) => item.length > 1);
    const all = pairable.flat();
    const difference = (c: number, k: number) => {
      const [low, high] = [Math.min(c, k), Math.max(c, k)];
      const within = all.filter((value) => value > low && value < high).length;
      const ends = all.filter((value) => value === low || value === high).length;
      return c === k ? 0 : (within + ends / 2) ** 2;
    };
    let [observed, expected] = [0, 0];
    for (const item of pairable) {
      for (const c of item) for (const k of item) observed += difference(c, k) / (item.length - 1) / all.length;
    }
    for (const c of all) for (const k of all) expected += difference(c, k) / (all.length * (all.length - 1));
    return 1 - observed / expected;
  }

  it('agrees with its definition on ratings with gaps', () => {
    const random = stream(5, 'gaps');
    const truth = ratings(60, 'truth');
    const raters = [0, 1, 2].map(() =>
      truth.map((value) => (random.float() < 0.3 ? null : random.float() < 0.6 ? value : 1 + random.below(5))),
    );
    expect(krippendorffAlpha(raters)).toBeCloseTo(slowAlpha(raters), 12);
  });

  it('cannot speak without pairs or without differences', () => {
    expect(
      krippendorffAlpha([
        [1, null],
        [null, 2],
      ]),
    ).toBeNaN();
    expect(
      krippendorffAlpha([
        [2, 2],
        [2, 2],
      ]),
    ).toBeNaN();
    expect(krippendorffAlpha([])).toBeNaN();
  });
});

describe('agreementWithLabels', () => {
  it('counts failures of the judge apart, and ignores items without a label', () => {
    const agreement = agreementWithLabels([1, 2.5, null, 5, 4], [1, 3, 2, 4, null], { lowest: 1, highest: 5 });
    expect(agreement).toMatchObject({ items: 3, missing: 1, equal: 2 / 3, meanGap: 1 / 3 });
    expect(agreement.quadraticKappa).toBeGreaterThan(0.5);
  });

  it('finds agreement where there is some, and none once the labels are shuffled', () => {
    const labels = ratings(400, 'labels');
    const random = stream(5, 'noise');
    const judge = labels.map((label) => Math.min(5, Math.max(1, label + random.below(3) - 1)));
    const order = stream(5, 'order').permutation(labels.length);
    const shuffled = labels.map((_, i) => labels[order[i]]);
    const ends = { lowest: 1, highest: 5 };
    expect(agreementWithLabels(judge, labels, ends).alpha).toBeGreaterThan(0.75);
    const none = agreementWithLabels(judge, shuffled, ends);
    for (const value of [none.alpha, none.kappa, none.quadraticKappa]) expect(Math.abs(value)).toBeLessThan(0.12);
  });
});
