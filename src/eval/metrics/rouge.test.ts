import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { lcsLength, lcsPlaces } from './longest-common-subsequence.ts';
import { type Rouge, rouge } from './rouge.ts';

interface Case extends Readonly<Record<keyof Rouge, readonly [number, number, number]>> {
  readonly prediction: string;
  readonly reference: string;
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(path, 'utf8')).rouge;
const kinds = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'] as const;

describe('ROUGE', () => {
  it.each(cases)('of $prediction is that of rouge-score', ({ prediction, reference, ...expected }) => {
    const scores = rouge(prediction, [reference]);
    for (const kind of kinds) {
      const { precision, recall, f1 } = scores[kind];
      expect([precision, recall, f1]).toEqual(expected[kind].map((value) => expect.closeTo(value, 12)));
    }
  });

  it('takes for each kind the reference that fits best', () => {
    const scores = rouge('cash flow rose', ['cash fell', 'rose cash flow', 'nothing']);
    expect(scores.rouge1.f1).toBe(1);
    expect(scores.rougeL.f1).toBeCloseTo(2 / 3, 14);
    expect(() => rouge('x', [])).toThrow('needs a reference');
  });

  it('reads Chinese and Japanese by characters', () => {
    expect(rouge('营业收入增长', ['营业收入下降']).rouge1.f1).toBeCloseTo(4 / 6, 14);
    expect(rouge('営業利益は増加した', ['営業利益は減少した']).rougeL.f1).toBeCloseTo(7 / 9, 14);
  });

  it('survives a text without end', () => {
    const scores = rouge('profit '.repeat(1_000_000), ['profit fell\n'.repeat(1000)]);
    expect(scores.rouge1.recall).toBe(0.5);
    expect(scores.rouge1.precision).toBeCloseTo(1000 / 8192, 14);
  });
});

describe('longest common subsequence', () => {
  /** Over all subsequences of the first list. */
  function slowLength(first: readonly string[], second: readonly string[]): number {
    let longest = 0;
    for (let chosen = 0; chosen < 2 ** first.length; chosen++) {
      const picked = first.filter((_, i) => (chosen >> i) & 1);
      let at = 0;
      for (const token of second) if (token === picked[at]) at++;
      if (at === picked.length) longest = Math.max(longest, at);
    }
    return longest;
  }

  it('is as long as the longest of all subsequences, and its places spell it', () => {
    const random = stream(1, 'subsequences');
    const list = () => Array.from({ length: random.below(9) }, () => 'abc'[random.below(3)]);
    for (let round = 0; round < 300; round++) {
      const [first, second] = [list(), list()];
      const length = slowLength(first, second);
      expect(lcsLength(first, second)).toBe(length);
      const places = lcsPlaces(first, second).reverse();
      expect(places.length).toBe(length);
      let at = 0;
      for (const token of second) if (token === first[places[at]]) at++;
      expect(at).toBe(length);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    }
  });
});
