import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cyclicShift, originalPlace, shiftScores } from './cyclic-shifts.ts';
import { ndcg } from './ndcg.ts';
import { refusals } from './refusals.ts';
import { rmse } from './rmse.ts';

interface Golden {
  readonly ndcg: readonly (readonly [number[], number | null, number])[];
  readonly regression: { readonly gold: number[]; readonly predicted: number[]; readonly rmse: number };
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

describe('refusals', () => {
  it('are precise where called for, and complete where none is left out', () => {
    const item = (refused: boolean, shouldRefuse: boolean) => ({ refused, shouldRefuse });
    const items = [item(true, true), item(true, false), item(false, true), item(false, true), item(false, false), null];
    const { precision, recall, overRefusal } = refusals(items);
    expect(precision).toMatchObject({ value: 0.5, n: 5, missing: 1 });
    expect(recall.value).toBeCloseTo(1 / 3, 14);
    expect(overRefusal.value).toBe(0.5);
    expect(precision.stderr!).toBeGreaterThan(0);
  });

  it('have no precision where nothing was refused', () => {
    const { precision, recall } = refusals([{ refused: false, shouldRefuse: true }]);
    expect([precision.value, recall.value]).toEqual([null, 0]);
  });
});

describe('cyclic shifts', () => {
  const options = ['a', 'b', 'c', 'd'];

  it('turn options so that places lead back', () => {
    expect(cyclicShift(options, 0)).toEqual(options);
    expect(cyclicShift(options, 1)).toEqual(['b', 'c', 'd', 'a']);
    for (const shift of [0, 1, 2, 3]) {
      cyclicShift(options, shift).forEach((option, place) => {
        expect(options[originalPlace(place, shift, 4)]).toBe(option);
      });
    }
  });

  it('tell a model that knows from one that likes a place', () => {
    const knows = { gold: 1, chosen: [1, 0, 3, 2] };
    const likesFirst = { gold: 1, chosen: [0, 0, 0, 0] };
    expect(shiftScores([knows])).toMatchObject({
      accuracy: { value: 1 },
      consistency: { value: 1 },
      alwaysRight: { value: 1 },
      places: [0.25, 0.25, 0.25, 0.25],
    });
    expect(shiftScores([likesFirst])).toMatchObject({
      accuracy: { value: 0.25 },
      consistency: { value: 0 },
      alwaysRight: { value: 0 },
      places: [1],
    });
  });

  it('call a steady mistake consistent, silence not, and count failures apart', () => {
    const steadilyWrong = { gold: 0, chosen: [1, 0, 3, 2] };
    const silent = { gold: 0, chosen: [undefined, undefined] };
    const found = shiftScores([steadilyWrong, silent, null]);
    expect(found.consistency).toMatchObject({ value: 0.5, n: 2, missing: 1 });
    expect(found.accuracy).toMatchObject({ value: 0, n: 2, missing: 1 });
    expect(shiftScores([null, silent]).places).toEqual([]);
  });
});

describe('nDCG', () => {
  it.each(golden.ndcg)('of %j at %j is that of scikit-learn', (gains, k, expected) => {
    expect(ndcg(gains, k === null ? {} : { k })).toBeCloseTo(expected, 12);
  });

  it('knows of what was not found at all, and is null where nothing is relevant', () => {
    expect(ndcg([1], { all: [1, 1] })).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 14);
    expect([ndcg([]), ndcg([0, 0])]).toEqual([null, null]);
    expect(ndcg([], { all: [1] })).toBe(0);
  });
});

describe('RMSE', () => {
  const items = golden.regression.gold.map((gold, i) => ({ gold, predicted: golden.regression.predicted[i] }));

  it('is that of scikit-learn', () => {
    expect(rmse(items)).toMatchObject({ value: expect.closeTo(golden.regression.rmse, 12), n: 20, missing: 0 });
  });

  it('has the standard error of a function of a mean', () => {
    const one = { gold: 0, predicted: 1 };
    const two = { gold: 0, predicted: 3 };
    // Squares 1 and 9: mean 5, its error 4, and 4 / (2 sqrt(5)) of the root.
    expect(rmse([one, two]).stderr).toBeCloseTo(4 / (2 * Math.sqrt(5)), 14);
    expect(rmse([one, one])).toMatchObject({ value: 1, stderr: 0 });
  });

  it('counts answers without a number: as the worst within a range, else as missing', () => {
    const some = [{ gold: 0.5, predicted: 0.5 }, { gold: 0.5, predicted: undefined }, null];
    expect(rmse(some)).toMatchObject({ value: 0, n: 1, missing: 2, unparsed: 1 });
    const ranged = rmse(some, { range: [-1, 1] });
    expect(ranged).toMatchObject({ value: expect.closeTo(1.5 / Math.SQRT2, 14), n: 2, missing: 1, unparsed: 1 });
  });
});
