import { describe, expect, it } from 'vitest';
import type { Document } from './document.ts';
import { corpusStatistics, quantile, sentenceSkeleton, sentencesOf, wordsOf } from './statistics.ts';

const document = (text: string, source = 'x'): Document => ({ id: 'x', text, source, split: 'train' });

describe('statistics', () => {
  it('split words and sentences', () => {
    expect(wordsOf("The miller's 3 geese, e.g. one.")).toEqual(['the', "miller's", '3', 'geese', 'e', 'g', 'one']);
    expect(sentencesOf('Title\n\nRevenue rose 5.3% to $1.2 million. "We agree." It fell.')).toEqual([
      'Title',
      'Revenue rose 5.3% to $1.2 million.',
      '"We agree."',
      'It fell.',
    ]);
  });

  it('mask figures and names', () => {
    expect(sentenceSkeleton('Revenue at Corvadex Foods Group rose 5.3% to $120.4 million.')).toBe(
      'Revenue at @ rose # to # million.',
    );
    expect(sentenceSkeleton('Revenue at Belamphis rose 12.9% to $7 million.')).toBe(
      'Revenue at @ rose # to # million.',
    );
  });

  it('count what a corpus repeats', () => {
    const statistics = corpusStatistics([document('a b a b', 'one'), document('a b c', 'two')]);
    expect(statistics).toMatchObject({
      documents: 2,
      words: 7,
      vocabulary: 3,
      genres: { one: 1, two: 1 },
      skeletons: 2,
    });
    // Bigrams: ab ba ab | ab bc: three distinct of five. Trigrams: aba bab | abc.
    expect(statistics.distinct[2]).toBeCloseTo(3 / 5);
    expect(statistics.distinct[3]).toBe(1);
    expect(corpusStatistics([])).toMatchObject({ documents: 0, words: 0, typeTokenRatio: 0 });
  });

  it('quantiles are values of the sample', () => {
    expect([0, 0.5, 0.95, 1].map((p) => quantile([1, 2, 3, 4], p))).toEqual([1, 3, 4, 4]);
    expect(quantile([], 0.5)).toBe(0);
  });
});
