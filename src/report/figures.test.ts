import { describe, expect, it } from 'vitest';
import { formatDifference, formatScore, formatTime } from './figures.ts';

describe('figures', () => {
  it('have three decimals below ten, four digits above, a true minus and no negative zero', () => {
    const of = [0.6834, 9.9994, 9.9996, 12.345, 999.94, 1840.4, -0.0214, -0.0001, 0];
    expect(of.map(formatScore)).toEqual([
      '0.683',
      '9.999',
      '10.00',
      '12.35',
      '999.9',
      '1840',
      '−0.021',
      '0.000',
      '0.000',
    ]);
    expect([null, Number.NaN, Number.POSITIVE_INFINITY].map(formatScore)).toEqual(['–', '–', '–']);
  });

  it('have a sign where they are differences', () => {
    expect([0.0214, -0.0214, 0.0001, 0, null].map(formatDifference)).toEqual([
      '+0.021',
      '−0.021',
      '0.000',
      '0.000',
      '–',
    ]);
  });

  it('leave alone what is no time', () => {
    expect(formatTime('2026-01-31T09:30:00.000Z')).toBe('2026-01-31 09:30 UTC');
    expect(formatTime('yesterday')).toBe('yesterday');
  });
});
