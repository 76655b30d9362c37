import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { count, decimal, grouped, numberStyle, ordinal, roundedQuotient } from './numbers.ts';
import { Writer } from './writer.ts';

describe('roundedQuotient', () => {
  it('equals rational arithmetic, half away from zero', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50_000_000, max: 50_000_000 }),
        fc.integer({ min: 1, max: 50_000_000 }),
        fc.constantFrom(1, 10, 100, 1000, 10_000),
        (a, b, scale) => {
          const doubled = 2n * BigInt(Math.abs(a)) * BigInt(scale) + BigInt(b);
          const magnitude = Number(doubled / (2n * BigInt(b)));
          expect(roundedQuotient(a, b, scale)).toBe(a < 0 ? -magnitude || 0 : magnitude);
        },
      ),
    );
  });

  it('rounds halves away from zero and refuses a zero denominator', () => {
    expect([roundedQuotient(1, 2), roundedQuotient(-1, 2), roundedQuotient(1, -2)]).toEqual([1, -1, -1]);
    expect(() => roundedQuotient(1, 0)).toThrow('denominator zero');
  });
});

describe('figures', () => {
  it('groups and places the decimal point', () => {
    expect([grouped(1234567), grouped(-999), grouped(-1000)]).toEqual(['1,234,567', '-999', '-1,000']);
    expect([decimal(1234, 2), decimal(5, 2), decimal(-123456, 1), decimal(7, 0)]).toEqual([
      '12.34',
      '0.05',
      '-12,345.6',
      '7',
    ]);
    expect([count(3), count(13), ordinal(3), ordinal(11), ordinal(22), ordinal(113)]).toEqual([
      'three',
      '13',
      'third',
      '11th',
      '22nd',
      '113th',
    ]);
  });

  it('writes one amount in every style', () => {
    const forms = new Set<string>();
    for (let i = 0; i < 300; i++) forms.add(numberStyle(new Writer(stream(i, 'style'))).money(4_237_650));
    expect(forms).toEqual(
      new Set(['$4.24 billion', '$4.24bn', 'USD 4.24 billion', '$4,237,650 thousand', '$4,237,650,000']),
    );
  });

  it('refuses negative figures, whose sign a sentence has to say', () => {
    const style = numberStyle(new Writer(stream(1)));
    for (const write of [style.money, style.percent, style.cents]) expect(() => write(-1)).toThrow('negative');
  });
});
