import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { balancedAccuracy } from './balanced-accuracy.ts';
import { classScores } from './class-scores.ts';
import { type Classified, confusionMatrix } from './confusion-matrix.ts';
import { binaryF1, macroF1, weightedF1 } from './f1.ts';
import { mcc } from './mcc.ts';
import { meanValue } from './metric-value.ts';

interface Golden {
  readonly classification: {
    readonly labels: readonly string[];
    readonly gold: readonly string[];
    readonly predicted: readonly string[];
    readonly precision: readonly (number | null)[];
    readonly recall: readonly (number | null)[];
    readonly f1: readonly (number | null)[];
    readonly macro: number;
    readonly weighted: number;
    readonly mcc: number;
    readonly balanced: number;
  };
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const { classification: golden }: Golden = JSON.parse(readFileSync(path, 'utf8'));
const { labels } = golden;
const options = { seed: 1, draws: 200 };

const items: Classified[] = golden.gold.map((gold, i) => {
  const predicted = golden.predicted[i];
  return { gold, predicted: predicted === 'unparsed' ? undefined : predicted };
});
const closeTo = (value: number | null) => (value === null ? null : expect.closeTo(value, 12));

describe('classification agrees with scikit-learn', () => {
  it('class by class', () => {
    const scores = classScores(confusionMatrix(labels, items));
    expect(scores.map(({ precision }) => precision)).toEqual(golden.precision.map(closeTo));
    expect(scores.map(({ recall }) => recall)).toEqual(golden.recall.map(closeTo));
    expect(scores.map(({ f1 }) => f1)).toEqual(golden.f1.map(closeTo));
    expect(scores.map(({ label }) => label)).toEqual(labels);
  });

  it('over all classes', () => {
    expect(macroF1(labels, items, options).value).toBeCloseTo(golden.macro, 12);
    expect(weightedF1(labels, items, options).value).toBeCloseTo(golden.weighted, 12);
    expect(mcc(labels, items, options).value).toBeCloseTo(golden.mcc, 12);
    expect(balancedAccuracy(labels, items, options).value).toBeCloseTo(golden.balanced, 12);
    expect(binaryF1(labels, items, { ...options, positive: 'neutral' }).value).toBeCloseTo(golden.f1[2]!, 12);
  });
});

describe('confusion matrix', () => {
  it('keeps what was not read, and what is no label, in a column of its own', () => {
    const matrix = confusionMatrix(
      ['up', 'down'],
      [
        { gold: 'up', predicted: 'up' },
        { gold: 'up', predicted: undefined },
        { gold: 'down', predicted: 'sideways' },
        { gold: 'down', predicted: 'up' },
        null,
      ],
    );
    expect([...matrix.counts]).toEqual([1, 0, 1, 1, 0, 1]);
  });

  it('does not take names of object members for labels', () => {
    const matrix = confusionMatrix(['up'], [{ gold: 'up', predicted: 'constructor' }]);
    expect([...matrix.counts]).toEqual([0, 1]);
  });

  it('refuses labels that are not declared, or twice', () => {
    expect(() => confusionMatrix(['up'], [{ gold: 'down', predicted: 'up' }])).toThrow(InputError);
    expect(() => confusionMatrix(['up', 'up'], [])).toThrow(InputError);
    expect(() => binaryF1(['up'], [], { ...options, positive: 'Up' })).toThrow('not declared');
  });
});

describe('metrics of classes', () => {
  it('count failed items apart, and cost unparsed ones their recall', () => {
    const some: (Classified | null)[] = [...items.slice(0, 60), null, null];
    expect(macroF1(labels, some, options)).toMatchObject({ n: 60, missing: 2 });
    const read = items.filter(({ predicted }) => predicted !== undefined);
    expect(macroF1(labels, read, options).value!).toBeGreaterThan(macroF1(labels, items, options).value!);
    expect(read.length).toBeLessThan(items.length);
  });

  it('are null without items', () => {
    for (const metric of [macroF1, weightedF1, mcc, balancedAccuracy]) {
      expect(metric(labels, [null], options)).toEqual({ value: null, stderr: null, n: 0, missing: 1 });
    }
  });

  it('give no credit for answering always the same, where accuracy does', () => {
    const majority = Array.from({ length: 100 }, (_, i) => ({ gold: i < 90 ? 'good' : 'bad', predicted: 'good' }));
    expect(mcc(['good', 'bad'], majority, options).value).toBe(0);
    expect(balancedAccuracy(['good', 'bad'], majority, options).value).toBe(0.5);
    expect(weightedF1(['good', 'bad'], majority, options).value).toBeGreaterThan(0.85);
  });

  it('have the standard error that a new sample would show', () => {
    const random = stream(4, 'samples');
    const sample = (): Classified[] =>
      Array.from({ length: 200 }, () => {
        const gold = random.float() < 0.3 ? 'a' : 'b';
        return { gold, predicted: random.float() < 0.7 ? gold : 'a' };
      });
    const values = Array.from({ length: 400 }, () => macroF1(['a', 'b'], sample(), { seed: 1, draws: 1 }).value!);
    const mean = values.reduce((a, b) => a + b, 0) / 400;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 399);
    const estimates = Array.from({ length: 20 }, () => macroF1(['a', 'b'], sample(), { seed: 1 }).stderr!);
    const typical = estimates.reduce((a, b) => a + b, 0) / 20;
    expect(typical / spread).toBeGreaterThan(0.9);
    expect(typical / spread).toBeLessThan(1.1);
  });

  it('are more uncertain where items share documents', () => {
    const clusters = items.map((_, i) => `${Math.floor(i / 2)}`);
    const twice = items.flatMap((item) => [item, item]);
    const pairs = items.flatMap((_, i) => [`${i}`, `${i}`]);
    const alone = mcc(labels, items, { seed: 1 }).stderr!;
    expect(mcc(labels, twice, { seed: 1, clusters: pairs }).stderr! / alone).toBeCloseTo(1, 1);
    expect(mcc(labels, twice, { seed: 1 }).stderr! / alone).toBeCloseTo(Math.SQRT1_2, 1);
    expect(mcc(labels, items, { seed: 1, clusters }).stderr).not.toBe(alone);
  });
});

describe('weighted F1 where wrong answers are recorded without their label', () => {
  it.each([0.5, 0.7, 0.9])('is 2a / (1 + a) at accuracy %f; with their labels it is a', (accuracy) => {
    const random = stream(5, 'artefact', accuracy);
    const three = ['negative', 'neutral', 'positive'];
    const honest: Classified[] = Array.from({ length: 6000 }, (_, i) => {
      const right = random.float() < accuracy;
      return { gold: three[i % 3], predicted: three[right ? i % 3 : (i + 1 + random.below(2)) % 3] };
    });
    const recorded = honest.map(({ gold, predicted }) => ({ gold, predicted: predicted === gold ? gold : 'raw text' }));
    const once = { seed: 1, draws: 2 };
    const measured = meanValue(honest.map(({ gold, predicted }) => Number(gold === predicted))).value!;
    expect(Math.abs(weightedF1(three, recorded, once).value! - (2 * accuracy) / (1 + accuracy))).toBeLessThan(0.01);
    expect(Math.abs(weightedF1(three, honest, once).value! - measured)).toBeLessThan(0.002);
    expect(Math.abs(measured - accuracy)).toBeLessThan(0.02);
  });
});
