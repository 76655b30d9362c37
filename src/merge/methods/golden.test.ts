/**
 * The equations on one 2 x 4 tensor, against values from an independent float64 implementation, given to six digits.
 */
import { describe, expect, it } from 'vitest';
import type { AnyMergeMethod } from '../method.ts';
import { type MethodRun, runMethod } from '../testing/run-method.ts';
import { mergeMethods } from './methods.ts';

const B = [0.5, -0.25, 0.125, 0.75, -0.5, 0.375, -0.125, 0.25];
const D1 = [0.1, -0.2, 0.3, 0.02, -0.4, 0.05, 0.08, 0.16];
const D2 = [-0.06, -0.12, 0.24, 0.18, 0.3, 0.01, -0.14, 0.2];
const D3 = [0.04, 0.26, -0.32, 0.22, 0, -0.36, 0.12, 0.28];
const plus = (delta: readonly number[]): number[] => delta.map((value, i) => value + B[i]);
const [M1, M2, M3] = [D1, D2, D3].map(plus);
const weights = [{ weight: 1 }, { weight: 0.5 }, { weight: 0.25 }];
const dense = (extra: Readonly<Record<string, number>>) => weights.map((each) => ({ ...each, ...extra }));
const all = { shape: [2, 4], base: B, models: [M1, M2, M3] } as const;

type Case = readonly [name: string, method: string, run: Omit<MethodRun, 'shape'>, expected: readonly number[]];

const cases: readonly Case[] = [
  [
    'linear, normalized',
    'linear',
    { models: [M1, M2, M3], parameters: weights },
    [0.545714, -0.361429, 0.319286, 0.844286, -0.642857, 0.355, -0.102143, 0.438571],
  ],
  [
    'slerp at 0.3',
    'slerp',
    { base: B, models: [M1], settings: { t: 0.3 } },
    [0.535143, -0.313187, 0.217415, 0.76318, -0.626374, 0.393754, -0.101855, 0.301023],
  ],
  [
    'task arithmetic',
    'task_arithmetic',
    { ...all, parameters: weights },
    [0.58, -0.445, 0.465, 0.915, -0.75, 0.34, -0.085, 0.58],
  ],
  [
    'TIES',
    'ties',
    { ...all, parameters: dense({ density: 0.5 }) },
    [0.5, -0.45, 0.405, 0.93, -0.9, 0.015, -0.125, 0.438571],
  ],
  [
    'TIES, not normalized, lambda 0.7',
    'ties',
    { ...all, parameters: dense({ density: 0.5 }), settings: { normalize: false, lambda: 0.7 } },
    [0.5, -0.39, 0.419, 0.813, -0.78, 0.312, -0.125, 0.481],
  ],
  [
    'TIES, rescaled',
    'ties',
    { ...all, parameters: dense({ density: 0.5 }), settings: { rescale: true } },
    [0.5, -0.49717, 0.480865, 0.994565, -0.99434, -0.097131, -0.125, 0.493091],
  ],
];

function methodOf(name: string): AnyMergeMethod {
  return mergeMethods.find((method) => method.name === name)!;
}

describe('merge methods on the golden tensor', () => {
  it.each(cases)('%s', (_, method, run, expected) => {
    const { values } = runMethod(methodOf(method), { shape: [2, 4], ...run });
    // The expected values are rounded to six digits.
    for (const [index, value] of expected.entries()) expect(Math.abs(values[index] - value)).toBeLessThan(1.1e-6);
  });
});
