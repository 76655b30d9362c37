import { describe, expect, it } from 'vitest';
import { type RandomStream, stream } from '../../../random/stream.ts';
import { macroF1 } from '../../metrics/f1.ts';
import { labelOf } from '../choices/label-of.ts';
import { letterOf } from '../choices/letter-of.ts';
import { fingptNumber, fingptSentiment } from './fingpt.ts';
import { finloraLabel, finloraWeightedF1 } from './finlora.ts';
import {
  pixiuCredit,
  pixiuExactMatch,
  pixiuHeadline,
  pixiuLabel,
  pixiuMovement,
  pixiuSentimentScore,
} from './pixiu.ts';

const SENTIMENT = ['positive', 'negative', 'neutral'];
const ours = (answer: string, labels = SENTIMENT) => {
  const reading = labelOf(answer, labels, { mode: 'lenient' });
  return reading.ok ? reading.value : reading.reason;
};

describe('published scorers fall into their pitfalls, and ours does not', () => {
  it('PIXIU: order of the list, full stops, signs, defaults', () => {
    expect([pixiuLabel('not positive, neutral', SENTIMENT), ours('not positive, neutral')]).toEqual([
      'positive',
      'neutral',
    ]);
    expect([pixiuHeadline('Yes.'), ours('Yes.', ['Yes', 'No'])]).toEqual(['No', 'Yes']);
    expect([pixiuHeadline('Yes'), pixiuSentimentScore('-0.4'), pixiuSentimentScore('7')]).toEqual(['Yes', 0.4, 1]);
    expect(pixiuSentimentScore('negative')).toBeUndefined();
    expect([pixiuExactMatch('1,234', '1234'), pixiuExactMatch('94.0', '94')]).toEqual([false, false]);
    expect([pixiuMovement('I cannot tell.'), ours('I cannot tell.', ['rise', 'fall'])]).toEqual(['fall', 'missing']);
    expect([pixiuMovement('Rise'), pixiuCredit('bad'), pixiuCredit('')]).toEqual(['rise', 'bad', 'good']);
    expect(pixiuLabel('mixed', SENTIMENT)).toBe('missing');
  });

  it('FinGPT: neutral for everything unknown, numbers without signs, digits that vanish', () => {
    expect([fingptSentiment('Error 500'), ours('Error 500')]).toEqual(['neutral', 'missing']);
    expect(fingptSentiment('not positive but negative')).toBe('positive');
    expect(fingptSentiment('negative')).toBe('negative');
    expect([fingptNumber('-12.5'), fingptNumber('7'), fingptNumber('1,234')]).toEqual([12.5, undefined, 1]);
  });

  it('FinLoRA: letters inside words, numbers inside numbers', () => {
    const letters = ['A', 'B', 'C'];
    expect(finloraLabel('The correct answer is B', letters)).toBe('C');
    expect(letterOf('The correct answer is B', letters)).toMatchObject({ value: 'B' });
    expect(finloraLabel('20.00', ['0.0', '20.00'])).toBe('20.00');
    expect(finloraLabel('120.00', ['20.00', '0.0'])).toBe('20.00');
    expect(finloraLabel('INCORRECT', ['CORRECT', 'CORRECTION'])).toBe('CORRECT');
    expect(finloraLabel('D', letters.slice(0, 1))).toBeUndefined();
  });
});

describe('macro F1', () => {
  it('counts a class that only predictions have, where PIXIU looks at classes of the gold labels alone', () => {
    const items = [
      { gold: 'positive', predicted: 'positive' },
      { gold: 'negative', predicted: 'neutral' },
    ];
    // Over the two gold classes it would be 1 / 2.
    expect(macroF1(SENTIMENT, items, { seed: 1 }).value).toBeCloseTo(1 / 3, 12);
  });
});

describe('F1 of FinLoRA', () => {
  it.each([0.3, 0.5, 0.7, 0.9])('is 2a / (1 + a) at accuracy %d, where that of symmetric errors is a', (accuracy) => {
    const items = simulated(accuracy, stream(7, 'finlora', String(accuracy)));
    expect(Math.abs(finloraWeightedF1(items) - (2 * accuracy) / (1 + accuracy))).toBeLessThan(0.01);
    expect(Math.abs(weightedF1(items) - accuracy)).toBeLessThan(0.01);
  });
});

interface Item {
  readonly gold: string;
  readonly predicted: string;
  readonly isRight: boolean;
}

/** Balanced classes; errors go to both other classes alike. */
function simulated(accuracy: number, random: RandomStream): Item[] {
  return Array.from({ length: 60_000 }, (_, index) => {
    const gold = SENTIMENT[index % 3];
    const isRight = random.float() < accuracy;
    const predicted = isRight ? gold : SENTIMENT[(index + 1 + Number(random.float() < 0.5)) % 3];
    return { gold, predicted, isRight };
  });
}

function weightedF1(items: readonly Item[]): number {
  const count = (of: (item: Item) => boolean) => items.filter(of).length;
  const scores = SENTIMENT.map((label) => {
    const right = count((item) => item.gold === label && item.isRight);
    const gold = count((item) => item.gold === label);
    return (gold * 2 * right) / (gold + count((item) => item.predicted === label));
  });
  return scores.reduce((a, b) => a + b) / items.length;
}
