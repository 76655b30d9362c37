/** Equations between methods, and laws that their results follow. */
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { runMethod } from '../run-method.ts';
import { mergeMethods } from './methods.ts';

const shape = [48, 80];
const size = 48 * 80;
const random = stream(7, 'properties');
const normal = (): Float32Array => Float32Array.from({ length: size }, () => random.normal());
const base = normal();
const models = [1, 2, 3].map(() => normal().map((delta, i) => Math.fround(base[i] + 0.1 * delta)));

const method = (name: string) => mergeMethods.find((each) => each.name === name)!;
const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((far, value, i) => Math.max(far, Math.abs(value - b[i])), 0);

/** In steps of float32 at the largest of the terms. */
const farthestInSteps = (a: Float32Array, b: Float32Array, ...terms: readonly Float32Array[]): number =>
  a.reduce((far, value, i) => {
    const largest = Math.max(...[b, ...terms].map((term) => Math.abs(term[i])));
    return Math.max(far, Math.abs(value - b[i]) / 2 ** (Math.floor(Math.log2(largest)) - 23));
  }, 0);

/** Three methods whose products with a weight or a sine are rounded. */
const rounded: ReadonlySet<string> = new Set(['linear', 'slerp', 'karcher']);

describe('methods', () => {
  it.each(mergeMethods.map((each) => [each.name, each] as const))(
    '%s of models that are the base is the base',
    (name, each) => {
      const count = Math.min(each.models[1], Math.max(each.models[0], 3));
      const equal = Array.from({ length: count }, () => base);
      const values = { weight: 0.3, density: 0.5, epsilon: 0.1, t: 0.3 };
      for (const compat of each.paper === undefined ? (['mergekit'] as const) : (['mergekit', 'paper'] as const)) {
        const run = { shape, ...(each.base !== 'none' && { base }), models: equal, compat };
        const merged = runMethod(each, { ...run, parameters: equal.map(() => values), settings: values }).values;
        expect(farthestInSteps(merged, base)).toBeLessThanOrEqual(rounded.has(name) ? 1 : 0);
      }
    },
  );

  it.each([
    'task_arithmetic',
    'ties',
    'dare_linear',
    'dare_ties',
    'breadcrumbs',
    'breadcrumbs_ties',
    'della',
    'della_linear',
    'ram',
    'ramplus_tl',
    'sce',
  ])('%s of one model at full weight and density is that model', (name) => {
    // On a grid so coarse that the delta is not rounded.
    const coarse = (values: Float32Array): Float32Array => values.map((value) => Math.round(value * 2 ** 10) / 2 ** 10);
    const { values } = runMethod(method(name), {
      shape,
      base: coarse(base),
      models: [coarse(models[0])],
      parameters: [{ weight: 1, density: 1, epsilon: 0 }],
      settings: { epsilon: 0 },
    });
    expect(values).toEqual(coarse(models[0]));
  });

  it.each([0.25, 0.3, 0.9])('linear between base and model is task arithmetic, at %f of the way', (a) => {
    const parameters = [{ weight: 1 - a }, { weight: a }];
    const averaged = runMethod(method('linear'), { shape, models: [base, models[0]], parameters }).values;
    const added = runMethod(method('task_arithmetic'), {
      shape,
      base,
      models: [models[0]],
      parameters: [{ weight: a }],
    }).values;
    // Each rounds three times.
    expect(farthestInSteps(averaged, added, base, models[0])).toBeLessThanOrEqual(2);
  });

  it('nuslerp without a base is slerp', () => {
    const t = 0.35;
    const other = runMethod(method('slerp'), { shape, base, models: [models[1]], settings: { t } }).values;
    const parameters = [{ weight: 1 - t }, { weight: t }];
    const own = runMethod(method('nuslerp'), { shape, models: [base, models[1]], parameters }).values;
    // Slerp is linear above a cosine of 0.9995, which these are not.
    expect(farthest(own, other)).toBeLessThan(1e-6);
  });

  it('multislerp is the normalised mean of directions, scaled: its step along the sphere is nothing', () => {
    const weights = [0.5, 0.3, 0.2];
    const { values } = runMethod(method('multislerp'), {
      shape,
      models,
      parameters: weights.map((weight) => ({ weight })),
    });
    const lengths = models.map((model) => Math.hypot(...model));
    const mean = base.map((_, i) => weights.reduce((sum, weight, k) => sum + (weight * models[k][i]) / lengths[k], 0));
    const scale = weights.reduce((sum, weight, k) => sum + weight * lengths[k], 0) / Math.hypot(...mean);
    expect(
      farthest(
        values,
        mean.map((value) => value * scale),
      ),
    ).toBeLessThan(1e-5);
  });

  it('DARE keeps the expected share, and keeps the L1 norm or the expectation', () => {
    const density = 0.3;
    const run = {
      shape,
      base: new Float32Array(size),
      models: [models[0]],
      parameters: [{ weight: 1, density }],
    } as const;
    const l1 = (values: Float32Array): number => values.reduce((sum, value) => sum + Math.abs(value), 0);
    const norm = runMethod(method('dare_linear'), run).values;
    const expectation = runMethod(method('dare_linear'), { ...run, compat: 'paper' }).values;
    const kept = norm.filter((value) => value !== 0).length / size;
    expect(Math.abs(kept - density)).toBeLessThan(5 * Math.sqrt((density * (1 - density)) / size));
    expect(l1(norm) / l1(models[0])).toBeCloseTo(1, 5);
    const index = expectation.findIndex((value) => value !== 0);
    expect(expectation[index] / models[0][index]).toBeCloseTo(1 / density, 5);
  });

  it('the trim of TIES keeps an entry of every tensor, unless density is 0', () => {
    const keeps = (density: number): readonly number[] => {
      const run = { shape: [3], base: new Float32Array(3), models: [[0.1, -0.3, 0.2]] } as const;
      return [...runMethod(method('ties'), { ...run, parameters: [{ weight: 1, density }] }).values];
    };
    expect(keeps(0.01)).toEqual([0, Math.fround(-0.3), 0]);
    expect(keeps(0)).toEqual([0, 0, 0]);
  });

  it('multislerp of one model is that model, whatever its weight', () => {
    const run = { shape, models: [models[0]], parameters: [{ weight: 0.5 }], settings: { normalize_weights: false } };
    expect(runMethod(method('multislerp'), run).values).toEqual(models[0]);
  });

  it('drops differ between models and between tensors, and follow a model wherever it stands', () => {
    const zero = new Float32Array(size);
    const parameters = [1, 1].map((weight) => ({ weight, density: 0.5 }));
    const mask = (ids: readonly string[], name: string, which: number): string => {
      const weights = parameters.map((each, i) => ({ ...each, weight: i === which ? 1 : 0 }));
      const run = {
        shape,
        base: zero,
        models: [models[0], models[0]],
        parameters: weights,
        settings: { rescale: false },
      };
      return runMethod(method('dare_linear'), { ...run, ids, name })
        .values.map((value) => (value === 0 ? 0 : 1))
        .join('');
    };
    const first = mask(['a', 'b'], 'x', 0);
    expect(mask(['a', 'b'], 'x', 1)).not.toBe(first);
    expect(mask(['a', 'b'], 'y', 0)).not.toBe(first);
    expect(mask(['b', 'a'], 'x', 1)).toBe(first);
  });

  it('model stock of the paper never leaves the segment between base and average', () => {
    const away = [models[0], models[0].map((value, i) => 2 * base[i] - value)];
    const { values, notes } = runMethod(method('model_stock'), { shape, base, models: away, compat: 'paper' });
    expect(farthest(values, base)).toBeLessThan(1e-6);
    expect(notes.join()).toContain('point away');
  });

  it('model stock of deltas that cancel is the base', () => {
    const zero = new Float32Array(size);
    const opposite = [models[0], models[0].map((value) => -value)];
    const { values, notes } = runMethod(method('model_stock'), { shape, base: zero, models: opposite });
    expect(farthest(values, zero)).toBe(0);
    expect(notes.join()).toContain('the base is kept');
  });

  it('arcee fusion takes the quartiles of all elements, also of more than a million', () => {
    const [rows, columns] = [1001, 1000];
    const drawn = stream(1, 'fusion');
    const origin = Float32Array.from({ length: rows * columns }, () => drawn.normal());
    const other = origin.toReversed();
    const run = { shape: [rows, columns], base: origin, models: [other] };
    const { values } = runMethod(method('arcee_fusion'), run);
    const softmax = (x: Float32Array): readonly number[] => {
      const powers = Array.from(x, Math.exp);
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum + 1e-8);
    };
    const importance = new Float64Array(rows * columns);
    for (let start = 0; start < importance.length; start += columns) {
      const [p, q] = [other, origin].map((x) => softmax(x.subarray(start, start + columns)));
      const divergence = p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]), 0);
      for (let i = start; i < start + columns; i++) importance[i] = Math.abs(other[i] - origin[i]) * divergence;
    }
    const sorted = importance.toSorted();
    const at = (share: number): number => sorted[Math.trunc(share * (sorted.length - 1))];
    const threshold = at(0.5) + 1.5 * (at(0.75) - at(0.25));
    const taken = values.filter((value, i) => value !== origin[i]).length;
    const expected = importance.filter((value) => value >= threshold).length;
    // Elements so near to the threshold that float32 decides are a few in a million.
    expect(expected).toBeGreaterThan(10_000);
    expect(Math.abs(taken - expected)).toBeLessThan(20);
  });

  it('sce selects entries of one variance by their index, however rounding would order them', () => {
    // In float32 the variance of (d, d, 0) comes out above that of (0, 0, d).
    const d = 2 ** -7;
    const entries = [
      [0, 0, d],
      [0, d, 0],
      [d, 0, 0],
      [d, d, 0],
      [d, 0, d],
      [0, d, d],
    ];
    const { values } = runMethod(method('sce'), {
      shape: [6],
      base: new Float32Array(6),
      models: [0, 1, 2].map((model) => entries.map((entry) => entry[model])),
      settings: { select_topk: 0.5 },
    });
    expect([...values].map((value) => value !== 0)).toEqual([true, true, true, false, false, false]);
  });
});
