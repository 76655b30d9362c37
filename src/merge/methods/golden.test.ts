/**
 * The equations on one 2 x 4 tensor, against values from an independent float64 implementation, given to six digits.
 */
import { describe, expect, it } from 'vitest';
import type { AnyMergeMethod } from '../method.ts';
import { type MethodRun, runMethod } from '../run-method.ts';
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
  [
    'TIES as its authors have it',
    'ties',
    { ...all, parameters: [1, 1, 1].map((weight) => ({ weight, density: 0.5 })), compat: 'paper' },
    [0.6, 0.01, 0.395, 0.95, -0.9, 0.015, -0.265, 0.463333],
  ],
  [
    'nuslerp, flat',
    'nuslerp',
    { models: [M1, M2], parameters: weights },
    [0.562548, -0.43578, 0.416963, 0.848604, -0.684333, 0.423898, -0.122629, 0.436184],
  ],
  [
    'nuslerp by rows',
    'nuslerp',
    { models: [M1, M2], parameters: weights, settings: { nuslerp_flatten: false } },
    [0.549389, -0.425466, 0.40705, 0.827663, -0.704536, 0.437919, -0.127572, 0.450923],
  ],
  [
    'nuslerp by columns, which mergekit calls row-wise',
    'nuslerp',
    { models: [M1, M2], parameters: weights, settings: { nuslerp_flatten: false, nuslerp_row_wise: true } },
    [0.565428, -0.423441, 0.417426, 0.823473, -0.687533, 0.411773, -0.122796, 0.423404],
  ],
  [
    'nuslerp of task vectors',
    'nuslerp',
    { base: B, models: [M1, M2], parameters: weights },
    [0.556884, -0.484987, 0.507785, 0.858352, -0.69723, 0.423645, -0.12596, 0.490518],
  ],
  [
    'multislerp',
    'multislerp',
    { models: [M1, M2, M3], parameters: weights },
    [0.572044, -0.373721, 0.327455, 0.901047, -0.654297, 0.368789, -0.113972, 0.467023],
  ],
  [
    'multislerp of task vectors',
    'multislerp',
    { ...all, parameters: weights },
    [0.568968, -0.446112, 0.464923, 0.907793, -0.711994, 0.354073, -0.100651, 0.56003],
  ],
  [
    'karcher',
    'karcher',
    { models: [M1, M2, M3] },
    [0.562334, -0.279282, 0.199188, 0.964495, -0.552466, 0.286446, -0.116129, 0.501658],
  ],
  [
    'breadcrumbs',
    'breadcrumbs',
    { ...all, parameters: dense({ density: 0.5, gamma: 0.125 }) },
    [0.6, -0.385, 0.465, 0.895, -0.5, 0.375, -0.195, 0.58],
  ],
  [
    'breadcrumbs with election',
    'breadcrumbs_ties',
    { ...all, parameters: dense({ density: 0.5, gamma: 0.125 }) },
    [0.6, -0.45, 0.545, 0.895, -0.5, 0.375, -0.195, 0.58],
  ],
  [
    'model stock',
    'model_stock',
    all,
    [0.485959, -0.23947, 0.086389, 0.676287, -0.482449, 0.427652, -0.13553, 0.137676],
  ],
  [
    'model stock by rows',
    'model_stock',
    { ...all, settings: { filter_wise: true } },
    [0.480387, -0.23529, 0.071064, 0.647032, -0.491937, 0.399189, -0.129838, 0.198396],
  ],
  [
    'nearswap',
    'nearswap',
    { base: B, models: [M1], settings: { t: 0.1 } },
    [0.6, -0.35, 0.225, 0.77, -0.6, 0.425, -0.045, 0.35],
  ],
  ['SCE', 'sce', all, [0.565851, -0.415211, 0.398908, 0.895326, -0.9, 0.015, -0.022234, 0.471252]],
  [
    'SCE with selection',
    'sce',
    { ...all, settings: { select_topk: 0.5 } },
    [0.5, -0.421474, 0.403605, 0.75, -0.9, 0.015, -0.125, 0.25],
  ],
  [
    'SCE as its authors have it',
    'sce',
    { ...all, settings: { select_topk: 0.5 }, compat: 'paper' },
    [0.56964, -0.421474, 0.403605, 0.883837, -0.9, 0.015, -0.02476, 0.466266],
  ],
  ['RAM', 'ram', { ...all, settings: { epsilon: 0.15 } }, [0.5, -0.22, 0.198333, 0.95, -0.55, 0.015, -0.125, 0.463333]],
  [
    'RAM plus',
    'ramplus_tl',
    { ...all, settings: { epsilon: 0.15 } },
    [0.5, -0.22, 0.198333, 0.95, -0.55, 0.0078, -0.125, 0.463333],
  ],
  ['Arcee fusion', 'arcee_fusion', { base: B, models: [M1] }, [0.5, -0.25, 0.125, 0.75, -0.9, 0.375, -0.125, 0.25]],
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

  it('SCE weighs deltas as small as those of fine-tuning the same, and says so', () => {
    const small = [D1, D2, D3].map((delta) => plus(delta.map((value) => value * 1e-3)));
    const run = { shape: [2, 4], base: B, models: small } as const;
    const { values, notes } = runMethod(methodOf('sce'), run);
    const expected = [0.07, -0.16, 0.27, 0.14, -0.4, -0.36, 0.1, 0.213333];
    for (const [i, value] of expected.entries()) expect(Math.abs((values[i] - B[i]) * 1e3 - value)).toBeLessThan(2e-4);
    expect(notes.join()).toContain('too small');
    expect(runMethod(methodOf('sce'), { ...run, compat: 'paper' }).notes).toEqual([]);
  });

  it('breadcrumbs keep their entries where gamma is less than one of them, unlike mergekit', () => {
    const { values } = runMethod(methodOf('breadcrumbs'), { ...all, parameters: dense({ density: 0.5, gamma: 0.01 }) });
    expect([...values]).not.toEqual(B);
    // Nothing is dropped at the upper end: the largest delta of every model is there.
    expect(values[4]).toBeCloseTo(-0.5 - 0.4 + 0.15, 6);
  });

  it('DELLA keeps entries with the probability of their rank', () => {
    const expected = [0.45, 0.55, 0.65, 0.35, 0.65, 0.35, 0.45, 0.55];
    const kept = expected.map(() => 0);
    const draws = 4000;
    const repeat = (row: readonly number[]): number[] => Array.from({ length: draws }, () => row).flat();
    const { values } = runMethod(methodOf('della_linear'), {
      shape: [2 * draws, 4],
      base: repeat(B),
      models: [repeat(M1)],
      parameters: [{ weight: 1, density: 0.5, epsilon: 0.15 }],
      settings: { rescale: false },
    });
    for (const [i, value] of values.entries()) if (value !== Math.fround(B[i % 8])) kept[i % 8] += 1;
    // Five standard deviations of 4000 draws.
    for (const [i, p] of expected.entries()) {
      expect(Math.abs(kept[i] / draws - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws));
    }
  });
});
