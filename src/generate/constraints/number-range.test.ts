import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, smallTokenizer } from '../../../test/support/constraints.ts';
import type { Expression } from './expression.ts';
import { type Bound, decimalsBetween, integersBetween } from './number-range.ts';
import { CompiledConstraint } from './token-constraint.ts';

const tokenizer = smallTokenizer([]);

/** Whether texts are accepted; an expression that accepts nothing cannot be compiled, so `x` is always added. */
function language(body: Expression): (text: string) => boolean {
  const options: Expression[] = [body, { kind: 'texts', texts: ['x'] }];
  const rules = [{ name: '', body: { kind: 'choice', options } as const }];
  const compiled = new CompiledConstraint({ rules }, tokenizer, 'numbers');
  return (text) => accepts(compiled, text);
}

describe('integersBetween', () => {
  it('is exact for all small bounds', () => {
    for (let minimum = -112; minimum <= 112; minimum += 7) {
      for (let maximum = minimum - 1; maximum <= 115; maximum += 13) {
        const accepted = language(integersBetween(BigInt(minimum), BigInt(maximum)));
        for (let value = -130; value <= 130; value++) {
          expect(accepted(`${value}`), `${value} in [${minimum}, ${maximum}]`).toBe(
            value >= minimum && value <= maximum,
          );
        }
        for (const text of ['-0', '00', '+1', '', '-', '1.0']) expect(accepted(text), text).toBe(false);
      }
    }
  });

  it('is exact around large bounds', () => {
    const integers = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n });
    fc.assert(
      fc.property(integers, integers, integers, (a, b, value) => {
        const [minimum, maximum] = a < b ? [a, b] : [b, a];
        const accepted = language(integersBetween(minimum, maximum));
        for (const near of [value, minimum - 1n, minimum, maximum, maximum + 1n, -minimum, 0n]) {
          expect(accepted(`${near}`), `${near} in [${minimum}, ${maximum}]`).toBe(near >= minimum && near <= maximum);
        }
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe('decimalsBetween', () => {
  const bounds = fc.option(
    fc.record({
      value: fc.oneof(
        fc.integer({ min: -300, max: 300 }).map((n) => n / 100),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((n) => n / 10 ** 4),
      ),
      exclusive: fc.boolean(),
    }),
    { nil: undefined },
  );
  const isWithin = (value: number, minimum: Bound | undefined, maximum: Bound | undefined): boolean =>
    (minimum === undefined || (minimum.exclusive ? value > minimum.value : value >= minimum.value)) &&
    (maximum === undefined || (maximum.exclusive ? value < maximum.value : value <= maximum.value));

  it('is exact', () => {
    fc.assert(
      fc.property(bounds, bounds, (minimum, maximum) => {
        const accepted = language(decimalsBetween(minimum, maximum)!);
        const middle = [minimum, maximum].flatMap((bound) => (bound === undefined ? [] : [bound.value]));
        for (const centre of [0, ...middle]) {
          for (let step = -15; step <= 15; step++) {
            for (const unit of [100, 10_000]) {
              const value = (Math.round(centre * unit) + step) / unit;
              const plain = value.toString();
              const padded = plain.includes('.') ? `${plain}000` : `${plain}.00`;
              if (value === 0 || plain.includes('e')) continue;
              const expected = isWithin(value, minimum, maximum);
              expect(accepted(plain), `${plain} in ${JSON.stringify([minimum, maximum])}`).toBe(expected);
              expect(accepted(padded), `${padded} in ${JSON.stringify([minimum, maximum])}`).toBe(expected);
            }
          }
        }
        for (const zero of ['0', '0.0', '0.000']) expect(accepted(zero)).toBe(isWithin(0, minimum, maximum));
        for (const text of ['-0', '-0.00', '1.', '.5', '01', '00.1', '1e1', ''])
          expect(accepted(text), text).toBe(false);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('keeps decimals short enough to be told apart from a bound', () => {
    const accepted = language(decimalsBetween({ value: 0.1, exclusive: true }, undefined)!);
    expect(accepted('0.10000000000001')).toBe(true);
    expect(accepted('0.100000000000000001')).toBe(false);
    expect(accepted('999999999999999')).toBe(true);
    expect(accepted('1000000000000000')).toBe(false);
  });

  it.each([1 / 3, 1e15, 1e-16, 123456789012.3456, 1e300])('does not take %d', (value) => {
    expect(decimalsBetween({ value, exclusive: false }, undefined)).toBeUndefined();
  });
});
