import { describe, expect, it } from 'vitest';
import { splitSteps } from '../split-steps.ts';
import { WordCounts } from './count-words.ts';
import { preTokenizer } from './pre-tokenizer.ts';

const steps = splitSteps(preTokenizer().pretokenizers)!;

function count(texts: readonly string[], maxWords = 1_000): Record<string, number> {
  const words = new WordCounts(steps, maxWords);
  for (const text of texts) words.add(text);
  return Object.fromEntries(words.entries());
}

describe('WordCounts', () => {
  it('counts words over documents, a space with the word after it and every digit alone', () => {
    expect(count(['the rate of 42', 'the rate'])).toEqual({ the: 2, ' rate': 2, ' of': 1, ' ': 1, 4: 1, 2: 1 });
  });

  it('keeps contractions, punctuation and line ends apart', () => {
    expect(Object.keys(count(["they'RE here!!\n\n  now"]))).toEqual(['they', "'RE", ' here', '!!\n\n', ' ', ' now']);
  });

  it('reads lone surrogates as U+FFFD', () => {
    expect(count(['\ud800'])).toEqual({ '\ufffd': 1 });
  });

  it('leaves out words that are too long to be words', () => {
    expect(count([`${'x'.repeat(513)} ${'y'.repeat(511)}`])).toEqual({ [` ${'y'.repeat(511)}`]: 1 });
  });

  it('forgets the rarest words above its bound', () => {
    const texts = ['a a a b b c', ...Array.from({ length: 20 }, (_, i) => `${String.fromCharCode(100 + i)}`)];
    const words = new WordCounts(steps, 6);
    for (const text of texts) {
      words.add(text);
      expect(words.size).toBeLessThanOrEqual(6);
    }
    expect(Object.fromEntries(words.entries())).toMatchObject({ ' a': 2, ' b': 2 });
  });
});
