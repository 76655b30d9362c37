import { describe, expect, it } from 'vitest';
import { isLinear } from './growth.ts';

describe('isLinear', () => {
  /** A microsecond for each step that `steps` counts in a text of a length. */
  const isCounted = (steps: (length: number) => number): boolean => {
    let seconds = 0;
    const read = (text: string) => {
      seconds = steps(text.length) / 1e6;
    };
    return isLinear(
      read,
      (length) => 'x'.repeat(length),
      2 ** 13,
      (reading, text) => {
        reading(text);
        return seconds;
      },
    );
  };

  it('tells readers that look at all pairs of characters from those that look at each a few times', () => {
    expect(isCounted((length) => 20 * length * Math.log2(length))).toBe(true);
    expect(isCounted((length) => length ** 2)).toBe(false);
  });

  it('overlooks what is quick at any length', () => {
    expect(isCounted((length) => length ** 2 / 20_000)).toBe(true);
  });

  it('asks again where a reader was slow once', () => {
    let readings = 0;
    expect(isCounted((length) => (readings++ === 1 ? length ** 2 : length))).toBe(true);
  });

  it('measures the processor', () => {
    const read = (text: string) => Array.from(text);
    expect(isLinear(read, (length) => 'x'.repeat(length), 2 ** 15)).toBe(true);
  });
});
