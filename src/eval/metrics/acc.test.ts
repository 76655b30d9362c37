import { describe, expect, it } from 'vitest';
import { acc } from './acc.ts';
import { accBytes } from './acc-bytes.ts';
import { accMutualInfo } from './acc-mutual-info.ts';
import { accNorm } from './acc-norm.ts';

describe('accuracies of options', () => {
  const options = ['no', '増加した', 'unchanged', 'a decline of 3%'];
  const logProbabilities = [-4, -6, -9, -18];
  // Characters 2, 4, 9, 15: -2, -1.5, -1, -1.2 each. Bytes 2, 12, 9, 15: -2, -0.5, -1, -1.2 each.
  const unconditional = [-5, -12, -11, -30];
  // Gained from the prompt: 1, 6, 2, 12.

  it('choose four different options by the four measures', () => {
    const chosen = (verdict: (gold: number) => 0 | 1 | null) => options.map((_, gold) => verdict(gold));
    expect(chosen((gold) => acc({ logProbabilities, gold }))).toEqual([1, 0, 0, 0]);
    expect(chosen((gold) => accNorm({ logProbabilities, gold }, options))).toEqual([0, 0, 1, 0]);
    expect(chosen((gold) => accBytes({ logProbabilities, gold }, options))).toEqual([0, 1, 0, 0]);
    expect(chosen((gold) => accMutualInfo({ logProbabilities, gold }, unconditional))).toEqual([0, 0, 0, 1]);
  });

  it('count code points, not halves of them', () => {
    // -4 / 2 characters is less than -3.5 / 2; with four halves it would be more.
    expect(accNorm({ logProbabilities: [-4, -3.5], gold: 1 }, ['📈📉', 'up'])).toBe(1);
  });

  it('know several right options', () => {
    expect(acc({ logProbabilities, gold: [1, 0] })).toBe(1);
    expect(acc({ logProbabilities, gold: [] })).toBe(0);
  });

  it('take the first of equals, as numpy does', () => {
    expect([0, 1].map((gold) => acc({ logProbabilities: [-2, -2], gold }))).toEqual([1, 0]);
    const impossible = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(acc({ logProbabilities: impossible, gold: 0 })).toBe(1);
  });

  it('are null, not wrong, where a score is not a number', () => {
    expect(acc({ logProbabilities: [-1, Number.NaN], gold: 0 })).toBeNull();
    expect(acc({ logProbabilities: [], gold: 0 })).toBeNull();
    expect(accNorm({ logProbabilities: [0, -1], gold: 0 }, ['', 'x'])).toBeNull();
  });

  it('are null where an option that is only bounded may be the best', () => {
    const scores = { logProbabilities: [-1, -5], bounds: [false, true], gold: 0 };
    expect(acc(scores)).toBe(1);
    expect(accNorm(scores, ['A', 'a long one'])).toBeNull();
    expect(accBytes(scores, ['A', 'B'])).toBe(1);
    expect(accMutualInfo(scores, [-1, -9])).toBeNull();
    // As likely as the bound, and known: the other is no likelier.
    expect(acc({ logProbabilities: [-5, -5], bounds: [true, false], gold: 1 })).toBe(1);
    expect(acc({ logProbabilities: [-5, -5], bounds: [true, true], gold: 1 })).toBeNull();
  });

  it('refuse scores that are not of the options', () => {
    expect(() => accNorm({ logProbabilities, gold: 0 }, ['a'])).toThrow('4 scores of 1 options');
    expect(() => accMutualInfo({ logProbabilities, gold: 0 }, [0])).toThrow('4 scores with and 1 without');
  });
});
