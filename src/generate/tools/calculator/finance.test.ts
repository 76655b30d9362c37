import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calculate } from './calculate.ts';
import { absolute, add, compare, divide, multiply, ONE, type Rational, rational, subtract, ZERO } from './rational.ts';

function done(expression: string) {
  const result = calculate(expression, { significantDigits: 34 });
  if (!result.ok) throw new Error(`${expression}: ${result.message}`);
  return result;
}
const rationalOf = (expression: string): Rational => done(expression).value;

/** |a - b| over |b|, or a itself where b is 0. */
const relativeError = (a: Rational, b: Rational): Rational =>
  absolute(b.numerator === 0n ? a : divide(subtract(a, b), b));
const tenTo = (exponent: number): Rational => rationalOf(`10^${exponent}`);

const cents = fc.integer({ min: 1, max: 10 ** 9 }).map((n) => `${n}/100`);
const positiveRate = fc.integer({ min: 1, max: 3_000 }).map((basisPoints) => `(${basisPoints}/10000)`);
const anyRate = fc.integer({ min: -9_999, max: 30_000 }).map((basisPoints) => `(${basisPoints}/10000)`);

describe('npv', () => {
  it.each([
    ['npv(10%, 110, 121)', '200', true],
    ['npv(0, 1, 2, 3)', '6', true],
    ['npv(-50%, 1, 1)', '6', true],
    ['npv(25%, 5)', '4', true],
    // The example of spreadsheets: 1922.06, four decimals of its value.
    ['round(npv(8%, 8000, 9200, 10000, 12000, 14500) - 40000, 4)', '1922.0616', true],
  ])('%s is %s', (expression, text, isExact) => {
    expect(done(expression)).toMatchObject({ text, isExact });
  });

  it('is the sum of its discounted flows, and exactly so while fractions are short', () => {
    const flow = fc.integer({ min: -(10 ** 6), max: 10 ** 6 });
    fc.assert(
      fc.property(anyRate, fc.array(flow, { minLength: 1, maxLength: 25 }), (rate, flows) => {
        const value = rationalOf(`npv(${rate}, ${flows.join(', ')})`);
        const growth = add(ONE, rationalOf(rate));
        let [discount, expected] = [ONE, ZERO];
        for (const each of flows) {
          discount = divide(discount, growth);
          expected = add(expected, multiply(rational(BigInt(each)), discount));
        }
        expect(value).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('of equal flows has a closed form, to about 34 digits where fractions are long', () => {
    const rate = '(5%/12)';
    const { value, isExact } = done(`npv(${rate}${', 1'.repeat(240)})`);
    expect(isExact).toBe(false);
    expect(compare(relativeError(value, rationalOf(`(1 - (1 + ${rate})^-240) / ${rate}`)), tenTo(-31))).toBeLessThan(0);
  });
});

describe('pmt', () => {
  it.each([
    ['pmt(10%, 2, 210)', '-121', true],
    ['pmt(10%, 2, 0, 210)', '-100', true],
    ['pmt(10%, 2, 231, 0, 1)', '-121', true],
    ['pmt(0, 12, 1200)', '-100', true],
    ['pmt(0, 12, 1200, -600)', '-50', true],
    ['pmt(-50%, 1, 100)', '-50', true],
    // The examples of spreadsheets.
    ['round(pmt(8%/12, 10, 10000), 2)', '-1037.03', false],
    ['round(pmt(8%/12, 10, 10000, 0, 1), 2)', '-1030.16', false],
    ['round(pmt(6%/12, 18*12, 0, 50000), 2)', '-129.08', false],
    ['round(pmt(5%/12, 360, 200000), 2)', '-1073.64', false],
  ])('%s is %s', (expression, text, isExact) => {
    expect(done(expression).text).toBe(text);
    if (isExact) expect(done(expression).isExact).toBe(true);
  });

  it('pays back what was lent, and saves what is asked for', () => {
    const periods = fc.integer({ min: 1, max: 480 });
    fc.assert(
      fc.property(positiveRate, periods, cents, cents, fc.constantFrom(0, 1), (rate, n, present, future, time) => {
        const growth = `(1 + ${rate})^${n}`;
        const paid = `pmt(${rate}, ${n}, ${present}, ${future}, ${time})`;
        const timely = time === 1 ? `(1 + ${rate})` : '1';
        const left = rationalOf(`${present} * ${growth} + ${future} + ${paid} * ${timely} * (${growth} - 1) / ${rate}`);
        const size = rationalOf(`${present} * ${growth} + ${future}`);
        expect(compare(absolute(left), multiply(size, tenTo(-28)))).toBeLessThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps its digits for rates that are next to nothing', () => {
    // 1 / n (1 + (n + 1) rate / 2 + ...): the next term is of the order of the rate's square.
    for (const [rate, n] of [
      ['10^-20', 360],
      ['10^-30', 600],
      ['-10^-25', 100],
    ] as const) {
      const expected = rationalOf(`-(1/${n}) * (1 + ${n + 1} * ${rate} / 2)`);
      expect(compare(relativeError(rationalOf(`pmt(${rate}, ${n}, 1)`), expected), tenTo(-32))).toBeLessThan(0);
    }
  });
});

describe('irr', () => {
  it.each([
    ['irr(-100, 110)', '0.1', true],
    ['irr(100, -110)', '0.1', true],
    ['irr(-100, 50)', '-0.5', true],
    ['irr(-100, 100)', '0', true],
    ['irr(-100, 5, 5, 5, 105)', '0.05', true],
    ['irr(0, -100, 0, 121, 0)', '0.1', true],
    ['irr(-1, 10^19)', '9999999999999999999', true],
    // The examples of spreadsheets: 8.66% and -2.12%.
    ['round(irr(-70000, 12000, 15000, 18000, 21000, 26000), 6)', '0.086631', false],
    ['round(irr(-70000, 12000, 15000, 18000, 21000), 6)', '-0.021245', false],
  ])('%s is %s', (expression, text, isExact) => {
    expect(done(expression)).toMatchObject({ text, isExact });
  });

  it('of three flows solves their quadratic equation', () => {
    fc.assert(
      fc.property(cents, cents, cents, (a, b, c) => {
        const growth = rationalOf(`(${b} + sqrt((${b})^2 + 4 * ${a} * ${c})) / (2 * ${a})`);
        const found = add(ONE, rationalOf(`irr(-${a}, ${b}, ${c})`));
        expect(compare(absolute(subtract(found, growth)), multiply(tenTo(-32), add(ONE, growth)))).toBeLessThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('lies between rates at which the exact present value has either sign', () => {
    const flows = fc.tuple(
      fc.array(fc.integer({ min: 0, max: 10 ** 6 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 10 ** 6 }),
      fc.array(fc.integer({ min: 0, max: 10 ** 6 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 10 ** 6 }),
    );
    const presentValue = (all: readonly number[], rate: Rational): Rational => {
      const growth = add(ONE, rate);
      return all.reduceRight((later, flow) => add(divide(later, growth), rational(BigInt(flow))), ZERO);
    };
    fc.assert(
      fc.property(flows, ([before, out, after, back]) => {
        const all = [...before.map((flow) => -flow), -out, ...after, back];
        const { value, isExact } = done(`irr(${all.join(', ')})`);
        const off = multiply(tenTo(-33), add(ONE, absolute(value)));
        const low = presentValue(all, subtract(value, off));
        const high = presentValue(all, add(value, off));
        expect(low.numerator > 0n && high.numerator < 0n).toBe(true);
        expect(isExact).toBe(presentValue(all, value).numerator === 0n);
      }),
      { numRuns: 150 },
    );
  });

  it('undoes npv', () => {
    for (const rate of ['7.25%', '0.4%', '-12%', '150%']) {
      const flows = [120, 340, 15.5, 1_000].join(', ');
      expect(done(`round(irr(-npv(${rate}, ${flows}), ${flows}), 30)`).value).toEqual(rationalOf(rate));
    }
  });

  it('takes flows that are no decimals to 34 digits', () => {
    expect(done('irr(-1/3, 1/3, 1/3)')).toMatchObject({ text: '0.6180339887498948482045868343656381', isExact: false });
    expect(done('irr(-1/3, 1/3)')).toMatchObject({ text: '0', isExact: false });
    expect(compare(relativeError(rationalOf('irr(-1/3, 11/30)'), rationalOf('0.1')), tenTo(-32))).toBeLessThan(0);
  });
});

it.each<[string, string, string]>([
  ['npv(-1, 1)', 'domain', 'a rate is above -1'],
  ['npv(-200%, 1)', 'domain', 'a rate is above -1'],
  ['npv(5%)', 'arguments', 'npv takes 2 to Infinity arguments, found 1'],
  ['pmt(-1, 1, 1)', 'domain', 'a rate is above -1'],
  ['pmt(5%, 0, 1)', 'domain', 'the number of periods is above 0'],
  ['pmt(5%, -3, 1)', 'domain', 'the number of periods is above 0'],
  ['pmt(5%, 3, 1, 0, 2)', 'domain', 'payments are at the end of a period, 0, or at its beginning, 1'],
  ['pmt(100%, 10^6, 1)', 'out-of-range', 'result out of range'],
  ['pmt(5%, 12)', 'arguments', 'pmt takes 3 to 5 arguments, found 2'],
  ['irr(100, 110)', 'domain', 'the flows of irr change their sign once, found 0 changes'],
  ['irr(0, 0)', 'domain', 'the flows of irr change their sign once, found 0 changes'],
  ['irr(-100, 230, -132)', 'domain', 'the flows of irr change their sign once, found 2 changes'],
  ['irr(-1, 10^20)', 'out-of-range', 'result out of range'],
  [`irr(-1${', 1'.repeat(128)})`, 'arguments', 'irr takes 2 to 128 arguments, found 129'],
])('%s has no value: %s', (expression, code, message) => {
  expect(calculate(expression)).toMatchObject({ ok: false, code, message, position: 0 });
});
