/** All figures of a matrix against NumPy's; `scripts/goldens/task_vectors.py` makes the file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffModels } from './diff-models.ts';
import type { ModelDiff } from './model-diff.ts';
import { writeModel } from './testing/write-model.ts';

interface Golden {
  readonly rows: number;
  readonly columns: number;
  readonly norm: number;
  readonly relative: number;
  readonly lostBf16: number;
  readonly lostF16: number;
  readonly cosine: number;
  readonly signFlipDeviation: number;
  readonly signConflict: number;
  readonly weightedConflict: number;
  readonly singular: readonly number[];
  readonly stableRank: number;
  readonly effectiveRank: number;
  readonly leftCosines: readonly number[];
  readonly rightCosines: readonly number[];
  readonly leadingCosine: number;
}

const golden = JSON.parse(await readFile('test/golden/task-vectors.json', 'utf8')) as Readonly<Record<string, Golden>>;

/** The script's formulas. */
function lattice(count: number, a: number, b: number, scale: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (((i * a + ((i * i) % 1013) * b) % 4093) - 2046) / scale);
}

function leading(rows: number, columns: number, steps: readonly number[], scale: number): Float64Array {
  const u = lattice(rows * 4, steps[0], steps[1], 2 ** 11);
  const v = lattice(columns * 4, steps[2], steps[3], 2 ** 11);
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return [8, 4, 2, 1].reduce((sum, strength, k) => sum + (u[i * 4 + k] * strength * v[j * 4 + k]) / scale, 0);
  });
}

function model(base: Float32Array, strong: Float64Array, fine: Float64Array): Float32Array {
  return base.map((value, i) => value + (strong[i] + fine[i]));
}

let folder: string;
let diff: ModelDiff;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-diff-golden-'));
  const tensors = Object.entries(golden).map(([name, { rows, columns }]) => {
    const count = rows * columns;
    const base = Float32Array.from(lattice(count, 7919, 31, 2 ** 12));
    const a = model(
      base,
      leading(rows, columns, [101, 7, 211, 3], 2 ** 6),
      lattice(count, 15485863 % 4093, 17, 2 ** 19),
    );
    const b = model(
      base,
      leading(rows, columns, [101, 7, 307, 5], 2 ** 7),
      lattice(count, 32452843 % 4093, 13, 2 ** 19),
    );
    return { name: `model.layers.0.${name}.weight`, shape: [rows, columns], base, a, b };
  });
  const write = (which: 'base' | 'a' | 'b') =>
    writeModel(folder, which, {
      tensors: Object.fromEntries(tensors.map(({ name, shape, [which]: data }) => [name, { shape, data }])),
    });
  diff = await diffModels(await write('base'), [await write('a'), await write('b')], { rank: 4 });
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.entries(golden))('%s, against NumPy', (name, expected) => {
  const tensor = () => diff.tensors.find(({ module }) => module === name)!;

  it('has its norms, losses, cosine and conflicts', () => {
    const { models, pairs } = tensor().figures;
    expect(models[0].norm).toBeCloseTo(expected.norm, 9);
    expect(models[0].relative).toBeCloseTo(expected.relative, 9);
    expect(models[0].lost.bf16).toBeCloseTo(expected.lostBf16, 12);
    expect(models[0].lost.f16).toBeCloseTo(expected.lostF16, 12);
    expect(pairs[0].cosine).toBeCloseTo(expected.cosine, 9);
    expect(pairs[0].signFlipDeviation).toBeCloseTo(expected.signFlipDeviation, 9);
    expect(pairs[0].signConflict).toBeCloseTo(expected.signConflict, 12);
    expect(pairs[0].weightedConflict).toBeCloseTo(expected.weightedConflict, 9);
  });

  it('has its spectrum', () => {
    const spectrum = tensor().spectra[0]!;
    expect(spectrum.isExact).toBe(Math.min(expected.rows, expected.columns) <= 64);
    for (const [i, value] of expected.singular.entries())
      expect(Math.abs(spectrum.values[i] / value - 1)).toBeLessThan(1e-7);
    expect(spectrum.stableRank).toBeCloseTo(expected.stableRank, 6);
    expect(spectrum.effectiveRank[0]).toBeLessThanOrEqual(expected.effectiveRank + 1e-9);
    expect(spectrum.effectiveRank[1]).toBeGreaterThanOrEqual(expected.effectiveRank - 1e-9);
    if (spectrum.isExact) expect(spectrum.effectiveRank[0]).toBeCloseTo(expected.effectiveRank, 8);
  });

  it('has its principal angles', () => {
    const { left, right } = tensor().angles[0]!;
    for (const [i, cosine] of expected.leftCosines.entries()) expect(left[i]).toBeCloseTo(cosine, 5);
    for (const [i, cosine] of expected.rightCosines.entries()) expect(right[i]).toBeCloseTo(cosine, 5);
    expect(tensor().figures.pairs[0].leadingCosine).toBeCloseTo(expected.leadingCosine, 6);
  });
});
