import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../errors.ts';
import { labelOf } from './label-of.ts';

const SENTIMENT = ['positive', 'negative', 'neutral'];

function read(answer: string, labels: readonly string[] = SENTIMENT): [string, string] {
  const one = (mode: 'strict' | 'lenient') => {
    const reading = labelOf(answer, labels, { mode });
    return reading.ok ? reading.value : reading.reason;
  };
  return [one('strict'), one('lenient')];
}

describe('labelOf', () => {
  it.each([
    'neutral',
    '**Neutral.**',
    'Sentiment: neutral',
    'The sentiment is neutral because nothing changed.',
    'A positive tone at first. Sentiment: Neutral',
    '{"sentiment": "neutral"}',
    '\\boxed{neutral}',
    '[[neutral]]',
  ])('reads neutral from %j', (answer) => {
    expect(read(answer)).toEqual(['neutral', 'neutral']);
  });

  it.each([
    ['not positive, neutral', 'neutral'],
    ['neither positive nor negative, so neutral', 'neutral'],
    ['The text is positive.', 'positive'],
    ['not very positive but negative', 'negative'],
    ["It isn't negative.", 'missing'],
    ['Sentiment: not positive', 'missing'],
    ['positively', 'missing'],
    ['non-positive', 'missing'],
    ['positive-leaning', 'missing'],
    ['I cannot say.', 'missing'],
    ['positive or negative', 'ambiguous'],
    ['Good for positive people, negative for others.', 'ambiguous'],
  ])('is not certain about %j, leniently %s', (answer, lenient) => {
    expect(read(answer)).toEqual(['missing', lenient]);
  });

  it('is ambiguous where statements differ', () => {
    expect(read('Sentiment: positive\nText: Sales fell.\nSentiment: negative')).toEqual(['ambiguous', 'ambiguous']);
    expect(read('Answer: positive or negative')).toEqual(['ambiguous', 'ambiguous']);
  });

  it('accepts a full stop after yes, and no inside words', () => {
    expect(read('Yes.', ['Yes', 'No'])).toEqual(['Yes', 'Yes']);
    expect(read('No, it does not mention a price.', ['Yes', 'No'])).toEqual(['missing', 'No']);
    expect(read('Nothing is known.', ['Yes', 'No'])).toEqual(['missing', 'missing']);
    expect(read('INCORRECT', ['CORRECT', 'INCORRECT'])).toEqual(['INCORRECT', 'INCORRECT']);
    expect(read('The claim is INCORRECT', ['CORRECT', 'INCORRECT'])[1]).toBe('INCORRECT');
  });

  it('takes the longest name', () => {
    const grades = ['strong negative', 'mildly negative', 'negative', 'neutral'];
    expect(read('Mildly Negative.', grades)).toEqual(['mildly negative', 'mildly negative']);
    expect(read('I see a strong_negative trend', grades)[1]).toBe('strong negative');
  });

  it('tells numbers apart', () => {
    const grades = ['-1', '0', '1'];
    expect(read('-1', grades)).toEqual(['-1', '-1']);
    expect(read('Answer: 1', grades)).toEqual(['1', '1']);
    for (const answer of ['0.5', '10', '1%', '1,000']) expect(read(answer, grades)[1], answer).toBe('missing');
    expect(read('-1', ['0', '1'])[1]).toBe('missing');
  });

  it('reads Chinese and Japanese', () => {
    const labels = ['正面', '负面', '中性', 'ポジティブ', 'ネガティブ'];
    expect(read('情感：中性。', labels)).toEqual(['中性', '中性']);
    expect(read('该新闻的情绪为负面', labels)).toEqual(['负面', '负面']);
    expect(read('不是正面，而是中性', labels)).toEqual(['missing', '中性']);
    expect(read('ネガティブです。', labels)).toEqual(['ネガティブ', 'ネガティブ']);
    expect(read('ポジティブではない', labels)).toEqual(['missing', 'missing']);
  });

  it('knows synonyms, as the label that they stand for', () => {
    const options = { synonyms: { positive: ['bullish', 'rise'], negative: ['bearish'] } };
    expect(labelOf('Bullish', SENTIMENT, options)).toMatchObject({ value: 'positive' });
    expect(labelOf('sunrise', SENTIMENT, { ...options, mode: 'lenient' }).ok).toBe(false);
  });

  it('refuses names that cannot be told apart', () => {
    const wrong: [string[], Record<string, string[]>][] = [
      [[], {}],
      [['up', 'UP'], {}],
      [['-'], {}],
      [['up'], { down: ['low'] }],
      [['up', 'down'], { down: ['up'] }],
    ];
    for (const [labels, synonyms] of wrong) expect(() => labelOf('up', labels, { synonyms })).toThrow(UsageError);
  });

  it('points at the raw text', () => {
    const raw = '<think>positive?</think>Sentiment: Ｎegative';
    const reading = labelOf(raw, SENTIMENT);
    expect(reading.ok && raw.slice(reading.span.start, reading.span.end)).toBe('Ｎegative');
  });
});
