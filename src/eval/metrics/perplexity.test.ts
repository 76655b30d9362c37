import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { bootstrap, bootstrapStandardError } from '../statistics/bootstrap.ts';
import { bitsPerByte, countWords, perplexity, weightedPerplexity } from './perplexity.ts';

interface Golden {
  readonly items: readonly (readonly [number, number])[];
  readonly perplexity: number;
  readonly weighted: number;
  readonly bitsPerByte: number;
  readonly words: readonly (readonly [string, number])[];
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8')).perplexity;

describe('perplexities', () => {
  const items = golden.items.map(([sum, weight]) => ({ sum, weight }));

  it('are those of lm-evaluation-harness', () => {
    expect(perplexity([-1.5, -0.25, -2]).value).toBeCloseTo(golden.perplexity, 12);
    expect(weightedPerplexity([...items, null])).toMatchObject({
      value: expect.closeTo(golden.weighted, 10),
      missing: 1,
    });
    expect(bitsPerByte(items).value).toBeCloseTo(golden.bitsPerByte, 12);
  });

  it.each(golden.words)('count the words of %j as Python splits', (text, words) => {
    expect(countWords(text)).toBe(words);
  });

  it('have the standard error that the bootstrap finds', () => {
    const random = stream(1, 'perplexity');
    const many = Array.from({ length: 400 }, () => {
      const weight = 20 + random.below(100);
      return { sum: -weight * (2 + 0.5 * random.normal()), weight };
    });
    const statistic = (of: (ratio: number) => number) => (weights: Uint32Array) => {
      const total = (key: 'sum' | 'weight') => many.reduce((sum, item, i) => sum + weights[i] * item[key], 0);
      return of(total('sum') / total('weight'));
    };
    const drawn = (of: (ratio: number) => number) =>
      bootstrapStandardError(bootstrap(many.length, statistic(of), { seed: 1, label: 'perplexity', draws: 4000 }))!;
    expect(weightedPerplexity(many).stderr! / drawn((ratio) => Math.exp(-ratio))).toBeCloseTo(1, 1);
    expect(bitsPerByte(many).stderr! / drawn((ratio) => ratio / Math.LN2)).toBeCloseTo(1, 1);
  });

  it('are null without text, and 1 where everything was certain', () => {
    expect(bitsPerByte([null]).value).toBeNull();
    expect(weightedPerplexity([{ sum: 0, weight: 0 }])).toEqual({ value: null, stderr: null, n: 1, missing: 0 });
    expect(perplexity([0, 0])).toEqual({ value: 1, stderr: 0, n: 2, missing: 0 });
  });
});
