import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { allocateParameters } from '../../kernels/allocate-parameters.ts';
import { type AdamWOptions, clippingScale, createAdamW } from './adamw.ts';

const kinds = ['weight', 'gradient', 'm', 'v'] as const;

interface Golden {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly maximumNorm: number;
  readonly learningRates: readonly number[];
  readonly norms: readonly number[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
  readonly m: Readonly<Record<string, readonly number[]>>;
  readonly v: Readonly<Record<string, readonly number[]>>;
}

const golden = JSON.parse(readFileSync('test/golden/adamw.json', 'utf8')) as Golden;

/** The inputs of scripts/goldens/adamw.py. */
function inputs(name: string, step: number, count: number): Float32Array {
  const offset = name === 'vector' ? 0.5 : 0;
  return Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * 0.7 + step * 1.3 + offset) * Math.cos(step));
}

function goldenRun(options: AdamWOptions = {}, maxArenaBytes?: number) {
  const shapes = Object.entries(golden.shapes).map(([name, shape]) => ({ name, shape }));
  const parameters = allocateParameters(shapes, kinds, { arenaBytes: maxArenaBytes });
  for (const { name, weight } of parameters.values()) weight.set(inputs(name, 0, weight.length));
  const { betas, epsilon, weightDecay } = golden;
  const optimizer = createAdamW(parameters.values(), { betas, epsilon, weightDecay, ...options });
  const advance = (step: number): number => {
    for (const { name, gradient } of parameters.values()) gradient.set(inputs(name, step, gradient.length));
    const { norm } = optimizer.gradientNorm();
    optimizer.step({
      learningRate: golden.learningRates[step - 1],
      gradientScale: clippingScale(norm, golden.maximumNorm),
    });
    return norm;
  };
  return { parameters, optimizer, advance };
}

/** Largest difference, in float32 roundings of the largest value: small values are what cancellation left of large ones. */
function largestDistance(actual: Float32Array, expected: readonly number[]): number {
  const rounding = Math.max(...expected.map(Math.abs)) * 2 ** -24;
  return Math.max(...expected.map((value, i) => Math.abs(actual[i] - value))) / rounding;
}

describe('AdamW against torch', () => {
  it('follows 12 clipped steps with decay groups to a few float32 roundings', () => {
    const { parameters, advance } = goldenRun();
    const norms = golden.learningRates.map((_, i) => advance(i + 1));
    norms.forEach((norm, i) => {
      expect(norm).toBeCloseTo(golden.norms[i], 6);
    });
    expect(golden.norms.some((norm) => norm > golden.maximumNorm)).toBe(true);
    expect(golden.norms.some((norm) => norm < golden.maximumNorm)).toBe(true);
    for (const { name, weight, m, v } of parameters.values()) {
      expect(largestDistance(weight, golden.weights[name])).toBeLessThan(8);
      expect(largestDistance(m, golden.m[name])).toBeLessThan(8);
      expect(largestDistance(v, golden.v[name])).toBeLessThan(8);
    }
  });

  it.each([{ weightDecay: 0.101 }, { epsilon: 1e-5 }, { betas: [0.9, 0.951] as const }])(
    'tells %j from the golden run',
    (options) => {
      const { parameters, advance } = goldenRun(options);
      for (const i of golden.learningRates.keys()) advance(i + 1);
      expect(largestDistance(parameters.get('matrix')!.weight, golden.weights.matrix)).toBeGreaterThan(8);
    },
  );

  it('has the same bits whether parameters share an arena or not', () => {
    const [together, apart] = [goldenRun(), goldenRun({}, 8192)];
    expect(apart.parameters.get('matrix')!.arena).not.toBe(apart.parameters.get('vector')!.arena);
    for (const { advance } of [together, apart]) for (const i of golden.learningRates.keys()) advance(i + 1);
    for (const [name, { weight }] of together.parameters) expect(weight).toEqual(apart.parameters.get(name)!.weight);
  });
});

describe('AdamW', () => {
  it('takes a first step of the learning rate against the sign of the gradient', () => {
    const { w } = Object.fromEntries(allocateParameters([{ name: 'w', shape: [2, 2] }], kinds));
    w.weight.set([1, 1, 1, 1]);
    w.gradient.set([5, -5, 1e-3, 0]);
    createAdamW([w], { weightDecay: 0.5 }).step({ learningRate: 0.1 });
    // w (1 - lr decay) - lr sign(g): mhat / sqrt(vhat) is +-1 at the first step.
    [0.85, 1.05, 0.85, 0.95].forEach((expected, i) => {
      expect(w.weight[i]).toBeCloseTo(expected, 5);
    });
  });

  it('resumes to the same bits from weights, moments and the number of steps', () => {
    const [straight, first, second] = [goldenRun(), goldenRun(), goldenRun()];
    for (let step = 1; step <= 8; step++) straight.advance(step);
    for (let step = 1; step <= 4; step++) first.advance(step);
    for (const [name, saved] of first.parameters) {
      for (const kind of ['weight', 'm', 'v'] as const) second.parameters.get(name)![kind].set(saved[kind]);
    }
    second.optimizer.stepsTaken = first.optimizer.stepsTaken;
    for (let step = 5; step <= 8; step++) second.advance(step);
    for (const [name, { weight }] of straight.parameters) expect(second.parameters.get(name)!.weight).toEqual(weight);
    expect(second.optimizer.stepsTaken).toBe(8);
  });

  it('names the first parameter whose gradient is not finite, by name', () => {
    const parameters = allocateParameters(
      ['c', 'b', 'a'].map((name) => ({ name, shape: [5] })),
      kinds,
    );
    const optimizer = createAdamW(parameters.values());
    parameters.get('c')!.gradient[4] = Number.NaN;
    parameters.get('b')!.gradient[0] = -Infinity;
    expect(optimizer.gradientNorm().firstNonFinite).toBe('b');
    optimizer.zeroGradients();
    parameters.get('a')!.gradient.set([3, 0, 0, 4, 0]);
    expect(optimizer.gradientNorm()).toEqual({ norm: 5, firstNonFinite: null });
  });

  it('does not overflow on gradients whose squares float32 cannot hold', () => {
    const parameter = allocateParameters([{ name: 'w', shape: [4] }], kinds).get('w')!;
    parameter.gradient.fill(1e30);
    expect(createAdamW([parameter]).gradientNorm().norm / 2e30).toBeCloseTo(1, 6);
  });

  it.each([
    [{ betas: [1, 0.9] as const }, 'betas.0'],
    [{ betas: [0.9, Number.NaN] as const }, 'betas.1'],
    [{ betas: [0.9] as unknown as readonly [number, number] }, 'betas.1'],
    [{ epsilon: -1 }, 'epsilon'],
    [{ weightDecay: Infinity }, 'weightDecay'],
  ])('refuses %j', (options, field) => {
    expect(() => createAdamW([], options)).toThrow(new RegExp(`AdamW ${field}`));
  });

  it('refuses a parameter given twice, a bad step and a bad learning rate', () => {
    const parameter = allocateParameters([{ name: 'w', shape: [4] }], kinds).get('w')!;
    expect(() => createAdamW([parameter, parameter])).toThrow(/w twice/);
    const optimizer = createAdamW([parameter]);
    expect(() => optimizer.step({ learningRate: Number.NaN })).toThrow(UsageError);
    expect(() => optimizer.step({ learningRate: 1, gradientScale: Infinity })).toThrow(UsageError);
    expect(() => {
      optimizer.stepsTaken = -1;
    }).toThrow(UsageError);
    expect(optimizer.stepsTaken).toBe(0);
  });
});

describe('clippingScale', () => {
  it('leaves small norms alone and brings large ones down', () => {
    expect(clippingScale(0.5, 1)).toBe(1);
    expect(clippingScale(0, 1)).toBe(1);
    expect(clippingScale(4, 1) * 4).toBeCloseTo(1, 6);
  });
});
