import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auc } from './auc.ts';
import { brierScore } from './brier-score.ts';
import { expectedCalibrationError, reliabilityTable } from './calibration.ts';
import { logLoss } from './log-loss.ts';
import { optionProbabilities } from './option-probabilities.ts';

interface Golden {
  readonly confidence: readonly number[];
  readonly correct: readonly number[];
  readonly table: readonly (readonly [number, number, number])[];
  readonly equalWidth: number;
  readonly equalMass: number;
  readonly options: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[];
  readonly gold: readonly number[];
  readonly brier: number;
  readonly logLoss: number;
  readonly scores: readonly number[];
  readonly positive: readonly number[];
  readonly auc: number;
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8')).probabilities;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('calibration', () => {
  const items = golden.confidence.map((confidence, i) => ({ confidence, correct: golden.correct[i] === 1 }));
  const options = { seed: 1, draws: 200, bins: 10 };

  it('agrees with the calibration curve of scikit-learn', () => {
    const table = reliabilityTable([...items, null], { bins: 10 });
    expect(table.map(({ n, confidence, accuracy }) => [n, confidence, accuracy])).toEqual(
      golden.table.map((row) => row.map((value) => expect.closeTo(value, 12))),
    );
    expect(table.at(-1)).toMatchObject({ low: 0.9, high: 1 });
    expect(expectedCalibrationError(items, options).value).toBeCloseTo(golden.equalWidth, 12);
  });

  it('has as many answers in each bin of equal mass', () => {
    expect(expectedCalibrationError(items, { ...options, equal: 'mass' }).value).toBeCloseTo(golden.equalMass, 12);
    const table = reliabilityTable(items, { bins: 10, equal: 'mass' });
    expect(table.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, () => 6));
    expect(table[0].low).toBe(Math.min(...golden.confidence));
  });

  it('keeps answers of equal confidence in one bin of mass, in whatever order they come', () => {
    const tied = Array.from({ length: 40 }, (_, i) => ({ confidence: i % 4 === 0 ? 0.9 : 0.6, correct: i % 3 === 0 }));
    const one = expectedCalibrationError(tied, { ...options, equal: 'mass' }).value;
    expect(expectedCalibrationError([...tied].reverse(), { ...options, equal: 'mass' }).value).toBeCloseTo(one!, 14);
    expect(reliabilityTable(tied, { equal: 'mass' }).map(({ n }) => n)).toEqual([30, 10]);
  });

  it('puts answers of equal confidence where their middle falls', () => {
    const groups = [0.2, 0.5, 0.8].flatMap((confidence, i) =>
      Array.from({ length: [4, 12, 4][i] }, () => ({ confidence, correct: true })),
    );
    expect(reliabilityTable(groups, { bins: 2, equal: 'mass' }).map(({ n }) => n)).toEqual([4, 16]);
  });

  it('is as uncertain about every answer twice, in clusters of two', () => {
    const clusters = [...items, ...items].map((_, i) => `${i % items.length}`);
    const options = { seed: 1, draws: 2000, bins: 5 };
    const alone = expectedCalibrationError(items, options).stderr!;
    const twice = expectedCalibrationError([...items, ...items], { ...options, clusters }).stderr!;
    expect(Math.abs(twice / alone - 1)).toBeLessThan(0.08);
  });

  it('is exact by hand, with its error and its count of failures', () => {
    const few = [
      { confidence: 1, correct: true },
      { confidence: 1, correct: false },
      { confidence: 0, correct: false },
      { confidence: 0.25, correct: true },
    ];
    // Bins hold two at 1 with half right, one at 0, one at 0.25: (2 x 0.5 + 0 + 0.75) / 4.
    const found = expectedCalibrationError([...few, null], options);
    expect(found).toMatchObject({ value: expect.closeTo(0.4375, 14), n: 4, missing: 1 });
    expect(found.stderr!).toBeGreaterThan(0.1);
    expect(expectedCalibrationError([], options).value).toBeNull();
    expect(reliabilityTable([])).toEqual([]);
  });

  it('refuses what is no probability and no number of bins', () => {
    const wrong = [{ confidence: 1.1, correct: true }];
    expect(() => reliabilityTable(wrong)).toThrow('confidence 1.1');
    expect(() => reliabilityTable([{ confidence: Number.NaN, correct: true }])).toThrow('confidence NaN');
    expect(() => reliabilityTable([], { bins: 0 })).toThrow('0 bins');
  });
});

describe('scores of probabilities', () => {
  it('are those of lm-evaluation-harness and scikit-learn', () => {
    expect(mean(golden.options.map((row, i) => brierScore(row, golden.gold[i])))).toBeCloseTo(golden.brier, 12);
    expect(mean(golden.options.map((row, i) => logLoss(row, golden.gold[i])))).toBeCloseTo(golden.logLoss, 12);
  });

  it('come from log-probabilities, however small', () => {
    golden.logits.forEach((row, i) => {
      const shares = optionProbabilities(row.map((value) => value - 5000));
      expect(shares).toEqual(golden.options[i].map((value) => expect.closeTo(value, 11)));
    });
    expect(optionProbabilities([-1, Number.NEGATIVE_INFINITY])).toEqual([1, 0]);
    expect(optionProbabilities([Number.NEGATIVE_INFINITY])).toBeNull();
    expect([optionProbabilities([]), optionProbabilities([0, Number.NaN])]).toEqual([null, null]);
  });

  it('are finite for what was held impossible, and refuse an option that is not there', () => {
    expect(logLoss([1, 0], 1)).toBeCloseTo(52 * Math.LN2, 12);
    expect(brierScore([1, 0], 1)).toBe(2);
    expect(() => logLoss([1], 1)).toThrow('option 1 of 1');
    expect(() => brierScore([1], -1)).toThrow('option -1 of 1');
  });
});

describe('AUC', () => {
  const items = golden.scores.map((score, i) => ({ score, positive: golden.positive[i] === 1 }));

  it('is that of scikit-learn, ties included', () => {
    expect(auc(items, { seed: 1, draws: 2 }).value).toBeCloseTo(golden.auc, 12);
  });

  it('has about the standard error of Hanley and McNeil (1982)', () => {
    const [a, positives, negatives] = [golden.auc, mean(golden.positive) * 80, 80 - mean(golden.positive) * 80];
    const [q1, q2] = [a / (2 - a), (2 * a * a) / (1 + a)];
    const variance = a * (1 - a) + (positives - 1) * (q1 - a * a) + (negatives - 1) * (q2 - a * a);
    const expected = Math.sqrt(variance / (positives * negatives));
    expect(Math.abs(auc(items, { seed: 1 }).stderr! / expected - 1)).toBeLessThan(0.15);
  });

  it('is as uncertain about every item twice, in clusters of two', () => {
    const clusters = [...items, ...items].map((_, i) => `${i % items.length}`);
    const alone = auc(items, { seed: 1, draws: 2000 }).stderr!;
    const twice = auc([...items, ...items], { seed: 1, draws: 2000, clusters }).stderr!;
    expect(Math.abs(twice / alone - 1)).toBeLessThan(0.08);
  });

  it('knows infinities, and is null where only one kind is there', () => {
    const infinite = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const ends = infinite.map((score, i) => ({ score, positive: i !== 0 }));
    expect(auc([...ends, null], { seed: 1, draws: 20 })).toMatchObject({ value: 0.75, n: 3, missing: 1 });
    expect(auc([{ score: 1, positive: true }], { seed: 1, draws: 2 }).value).toBeNull();
    expect(() => auc([{ score: Number.NaN, positive: true }], { seed: 1 })).toThrow('not a number');
  });
});
