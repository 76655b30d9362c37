import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { holm } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';
import { signFlipTest } from './sign-flip-test.ts';

interface Golden {
  readonly signFlips: {
    readonly first: readonly number[];
    readonly second: readonly number[];
    readonly p: number;
    readonly clusteredP: number;
  };
  readonly mcnemar: readonly (readonly [number, number, number, number])[];
  readonly holm: { readonly p: readonly number[]; readonly adjusted: readonly number[] };
}

const path = new URL('../../../test/golden/evaluation/statistics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

/** Right and wrong answers of two models of equal skill to `perPage` questions about each of `pages` pages. */
function equalModels(seed: number, pages: number, perPage: number) {
  const random = stream(seed, 'equal models');
  const answer = (skill: number) => Number(random.float() < 1 / (1 + Math.exp(-skill)));
  const [first, second]: [number[], number[]] = [[], []];
  const clusters: string[] = [];
  for (let page = 0; page < pages; page++) {
    // How well each of them happens to read this page.
    const skills = [1.5 * random.normal(), 1.5 * random.normal()];
    for (let i = 0; i < perPage; i++) {
      first.push(answer(skills[0]));
      second.push(answer(skills[1]));
      clusters.push(`page ${page}`);
    }
  }
  return { first, second, clusters };
}

describe('paired bootstrap', () => {
  it('rejects equal models on clustered items in 3% to 7% of experiments; blind to clusters, in more than 10%', () => {
    const experiments = 1000;
    let [clustered, naive] = [0, 0];
    for (let seed = 0; seed < experiments; seed++) {
      const { first, second, clusters } = equalModels(seed, 40, 5);
      const options = { seed, label: 'honesty', draws: 500 };
      if (pairedBootstrap(first, second, { ...options, clusters }).p < 0.05) clustered++;
      if (pairedBootstrap(first, second, options).p < 0.05) naive++;
    }
    expect(clustered / experiments).toBeGreaterThan(0.03);
    expect(clustered / experiments).toBeLessThan(0.07);
    expect(naive / experiments).toBeGreaterThan(0.1);
  });

  it('finds a difference that is there, with its sign', () => {
    const { first, clusters } = equalModels(1, 60, 4);
    const second = first.map((score, i) => (i % 3 === 0 ? 1 : score));
    const found = pairedBootstrap(first, second, { seed: 1, label: 'difference', clusters });
    expect(found.value).toBeCloseTo(second.reduce((sum, score, i) => sum + score - first[i], 0) / 240, 12);
    expect(found.low).toBeGreaterThan(0);
    expect(found.p).toBeLessThan(0.01);
    const turned = pairedBootstrap(second, first, { seed: 1, label: 'difference', clusters });
    expect([turned.value, turned.low, turned.high]).toEqual([-found.value, -found.high, -found.low].map(closeTo));
  });

  it('compares only what both answered, and says how much that is', () => {
    const found = pairedBootstrap([1, null, 0, 1, 0], [1, 0, null, 0, 1], { seed: 1, label: 'missing', draws: 100 });
    expect(found).toMatchObject({ value: 0, n: 3, missing: 2 });
    const nothing = pairedBootstrap([null], [1], { seed: 1, label: 'missing', draws: 100 });
    expect(nothing).toMatchObject({ value: Number.NaN, p: 1, n: 0, missing: 1, stderr: null });
  });

  it('keeps the clusters of what is left', () => {
    const { first, second, clusters } = equalModels(2, 30, 4);
    const without = <T>(list: readonly T[]) => list.filter((_, i) => i % 5 !== 0);
    const holes = first.map((score, i) => (i % 5 === 0 ? null : score));
    const options = { seed: 1, label: 'clusters', draws: 200 };
    const found = pairedBootstrap(holes, second, { ...options, clusters });
    const kept = pairedBootstrap(without(first), without(second), { ...options, clusters: without(clusters) });
    expect(found).toEqual({ ...kept, missing: 24 });
  });

  it('refuses lists that are no pairs', () => {
    expect(() => pairedBootstrap([1], [1, 0], { seed: 1, label: 'x' })).toThrow('1 and 2 scores are not pairs');
    expect(() => pairedBootstrap([1], [1], { seed: 1, label: 'x', clusters: [] })).toThrow('cluster names');
  });
});

function closeTo(value: number): unknown {
  return expect.closeTo(value, 12);
}

describe('sign-flip test', () => {
  const { first, second, p, clusteredP } = golden.signFlips;
  const clusters = first.map((_, i) => `${Math.floor(i / 2)}`);

  it('is exact where all patterns can be looked at, as in scipy', () => {
    const found = signFlipTest(first, second, { seed: 1, label: 'exact' });
    expect(found).toMatchObject({ exact: true, n: 12, missing: 0 });
    expect(found.p).toBeCloseTo(p, 12);
  });

  it('flips clusters as one', () => {
    expect(signFlipTest(first, second, { seed: 1, label: 'exact', clusters }).p).toBeCloseTo(clusteredP, 12);
    expect(Math.abs(p - clusteredP)).toBeGreaterThan(0.005);
  });

  it('comes close with random patterns, and repeats itself', () => {
    const options = { seed: 1, label: 'random', draws: 4000 };
    const found = signFlipTest(first, second, options);
    expect(found.exact).toBe(false);
    expect(Math.abs(found.p - p)).toBeLessThan(4 * Math.sqrt(p / 4000));
    expect(signFlipTest(first, second, options)).toEqual(found);
  });

  it('gives each of more than 32 pairs its own sign', () => {
    // A sum of 8 among 72 signs has p of about 0.4; signs shared by every 32nd pair would cancel out.
    const signs = Array.from({ length: 72 }, (_, i) => (i >= 32 && i < 64 ? -1 : 1));
    const nothing = signs.map(() => 0);
    const mixed = signFlipTest(nothing, signs, { seed: 1, label: 'words', draws: 2000 });
    expect(mixed.p).toBeGreaterThan(0.3);
    expect(mixed.p).toBeLessThan(0.5);
  });

  it('reaches far and near', () => {
    const zeros = Array.from({ length: 100 }, () => 0);
    const last = zeros.map((_, i) => (i >= 60 ? 1 : 0));
    expect(signFlipTest(zeros, last, { seed: 1, label: 'words', draws: 1000 }).p).toBe(1 / 1001);
    const both = zeros.map((_, i) => (i % 2 === 0 ? 1 : -1));
    expect(signFlipTest(zeros, both, { seed: 1, label: 'words', draws: 1000 }).p).toBe(1);
  });

  it('sees no difference between equals and between nothings', () => {
    expect(signFlipTest([1, 0], [1, 0], { seed: 1, label: 'same' })).toMatchObject({ value: 0, p: 1 });
    expect(signFlipTest([null], [1], { seed: 1, label: 'same' })).toMatchObject({
      value: Number.NaN,
      p: 1,
      missing: 1,
    });
  });
});

describe("McNemar's test", () => {
  it.each(golden.mcnemar)('with %i and %i discordant items', (onlyFirst, onlySecond, exact, midP) => {
    const scores = (first: number, second: number) => [
      ...Array.from({ length: onlyFirst }, () => first),
      ...Array.from({ length: onlySecond }, () => second),
    ];
    const found = mcnemar([...scores(1, 0), 1, 0, null, 1], [...scores(0, 1), 1, 0, 1, null]);
    expect(found).toMatchObject({ onlyFirst, onlySecond, missing: 2 });
    expect(found.exact).toBeCloseTo(exact, 10);
    expect(found.midP).toBeCloseTo(midP, 10);
  });

  it('is for right and wrong only', () => {
    expect(() => mcnemar([0.5], [1])).toThrow('item 0: 0.5 and 1 are not right or wrong');
  });
});

describe("Holm's correction", () => {
  it('agrees with statsmodels', () => {
    expect(holm(golden.holm.p)).toEqual(golden.holm.adjusted.map(closeTo));
    expect(holm([])).toEqual([]);
  });
});
