import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../errors.ts';
import { type Calculation, calculate } from './calculate.ts';
import type { Rational } from './rational.ts';

function done(expression: string): Extract<Calculation, { ok: true }> {
  const result = calculate(expression);
  if (!result.ok) throw new Error(`${expression}: ${result.message} at ${result.position}`);
  return result;
}
const text = (expression: string): string => done(expression).text;
const toNumber = ({ numerator, denominator }: Rational): number => {
  // Both fit a double after scaling, whatever their length.
  const shift = BigInt(Math.max(0, numerator.toString(2).length - 1_000, denominator.toString(2).length - 1_000));
  return Number(numerator >> shift) / Number(denominator >> shift);
};

describe('the language', () => {
  it.each([
    ['1+2*3', '7'],
    ['(1+2)*3', '9'],
    ['10-4-3', '3'],
    ['100/10/5', '2'],
    ['2^3^2', '512'],
    ['2**3**2', '512'],
    ['-2^2', '-4'],
    ['(-2)^2', '4'],
    ['2^-3', '0.125'],
    ['2*-3', '-6'],
    ['--3', '3'],
    ['+3', '3'],
    ['3!', '6'],
    ['2^3!', '64'],
    ['-3!', '-6'],
    ['50%^2', '0.25'],
    ['12%', '0.12'],
    ['1 - 5%', '0.95'],
    ['200 * 15 %', '30'],
    ['1,234.56 + 1', '1235.56'],
    ['1,234,567 * 10', '12345670'],
    ['.5 + 0.25', '0.75'],
    ['1.5e3', '1500'],
    ['25E-4', '0.0025'],
    ['6 × 7 ÷ 2 − 1', '20'],
    [' \n1\u00a0+\t1 ', '2'],
    ['max(1,234)', '234'],
    ['max((1,234), 5)', '1234'],
    ['max((1), 2,345)', '345'],
    ['(max(1,2)) + 1,234', '1236'],
    ['max(1, min(5,4), 3)', '4'],
    ['SUM(1,2,3)/avg(1,2)', '4'],
    ['round(2.675, 2)', '2.68'],
    ['round(-2.5)', '-3'],
    ['round(2.4999)', '2'],
    ['round(-1250, -2)', '-1300'],
    ['round(1/3, 4)', '0.3333'],
    ['abs(-1/4)', '0.25'],
    ['sqrt(9/16)', '0.75'],
    ['0^0', '1'],
    ['0^5', '0'],
    ['(-1)^(10^30+1)', '-1'],
    ['(-8)^3', '-512'],
    ['(-1.5)^-1', '-0.666666666667'],
  ])('%j is %s', (expression, expected) => {
    expect(text(expression)).toBe(expected);
  });

  it.each<[string, string, string, number]>([
    ['', 'syntax', 'a number expected, found the end', 0],
    ['  ', 'syntax', 'a number expected, found the end', 2],
    ['1 +', 'syntax', 'a number expected, found the end', 3],
    ['1 2', 'syntax', 'an operator expected, found "2"', 2],
    ['7 % 3', 'syntax', 'an operator expected, found "3"', 4],
    ['(1', 'syntax', 'an operator or ")" expected, found the end', 2],
    ['1)', 'syntax', 'an operator expected, found ")"', 1],
    ['()', 'syntax', 'a number expected, found ")"', 1],
    ['2(3)', 'syntax', 'an operator expected, found "("', 1],
    ['1,23', 'syntax', 'a number cannot go on with ","', 1],
    ['12,34,567', 'syntax', 'a number cannot go on with ","', 2],
    ['1,2345', 'syntax', 'a number cannot go on with ","', 1],
    ['0,123', 'syntax', 'a number cannot go on with ","', 1],
    ['1234,567', 'syntax', 'a number cannot go on with ","', 4],
    ['1,234.5.6', 'syntax', 'a number cannot go on with "."', 7],
    ['3.', 'syntax', 'a number cannot go on with "."', 1],
    ['0x10', 'syntax', 'a number cannot go on with "x"', 1],
    ['1_000', 'syntax', 'a number cannot go on with "_"', 1],
    ['3!!', 'syntax', 'an operator expected, found "!"', 2],
    ['5%%', 'syntax', 'an operator expected, found "%"', 2],
    ['$5', 'syntax', 'a number expected, found "$"', 0],
    ['1 = 1', 'syntax', 'an operator expected, found "="', 2],
    ['٣', 'syntax', 'a number expected, found "٣"', 0],
    ['📈', 'syntax', 'a number expected, found "📈"', 0],
    ['sqrt', 'syntax', '"(" after sqrt expected, found the end', 4],
    ['pi', 'syntax', '"(" after pi expected, found the end', 2],
    ['sum()', 'syntax', 'a number expected, found ")"', 4],
    ['1 + eval(1)', 'unknown-name', 'unknown function eval', 4],
    ['constructor(1)', 'unknown-name', 'unknown function constructor', 0],
    ['__proto__(1)', 'unknown-name', 'unknown function __proto__', 0],
    ['sqrt(1, 2)', 'arguments', 'sqrt takes 1 arguments, found 2', 0],
    ['round(1,234.56, 1)', 'arguments', 'round takes 1 to 2 arguments, found 3', 0],
    ['8 / (4 - 4)', 'division-by-zero', 'division by zero', 2],
    ['0^-1', 'division-by-zero', 'division by zero', 1],
    ['log(5, 1)', 'division-by-zero', 'logarithm to base 1', 0],
    ['1 + sqrt(-1)', 'domain', 'square root of a negative number', 4],
    ['ln(0)', 'domain', 'logarithm of a number that is not positive', 0],
    ['log(2, -1)', 'domain', 'logarithm of a number that is not positive', 0],
    ['(-8)^(1/3)', 'domain', 'a negative number has no such power', 4],
    ['(-1)!', 'domain', 'only integers from 0 have a factorial', 4],
    ['2.5!', 'domain', 'only integers from 0 have a factorial', 3],
    ['round(1, 0.5)', 'domain', 'decimal places are an integer from -400 to 400', 0],
    ['round(1, 1e9)', 'domain', 'decimal places are an integer from -400 to 400', 0],
  ])('%j has no value: %s', (expression, code, message, position) => {
    expect(calculate(expression)).toEqual({ ok: false, code, message, position });
  });
});

describe('bounds', () => {
  const refused: readonly (readonly [expression: string, code: string, position: number])[] = [
    ['('.repeat(10_000), 'too-long', 1_000],
    [`${'('.repeat(400)}1${')'.repeat(400)}`, 'too-deep', 65],
    [`${'-'.repeat(900)}1`, 'too-deep', 65],
    [`2${'^2'.repeat(400)}`, 'too-deep', 130],
    ['abs('.repeat(200), 'too-deep', 260],
    ['2^(10^9)', 'out-of-range', 1],
    ['2^-(10^9)', 'out-of-range', 1],
    ['9^9^9', 'out-of-range', 1],
    ['1.1^9^99', 'out-of-range', 3],
    ['(1/3)^(1e9+1/2)', 'out-of-range', 5],
    ['1e9!', 'out-of-range', 3],
    ['212!', 'out-of-range', 3],
    ['exp(1e300)', 'out-of-range', 0],
    ['exp(-1000)', 'out-of-range', 0],
    ['1e999999999999', 'out-of-range', 0],
    ['1e-401', 'out-of-range', 0],
    ['1e-999999999999', 'out-of-range', 0],
    ['2 * 1e400 * 9', 'out-of-range', 10],
    [`1${'0'.repeat(500)}`, 'out-of-range', 0],
    [`1e${'9'.repeat(900)}`, 'out-of-range', 0],
  ];
  it.each(refused.map((each) => [each[0].slice(0, 30), ...each] as const))(
    '%j is refused',
    (_, expression, code, position) => {
      expect(calculate(expression)).toMatchObject({ ok: false, code, position });
    },
  );

  it('leave room up to themselves', () => {
    expect(text(`${'('.repeat(64)}1${')'.repeat(64)}`)).toBe('1');
    expect(text('1+'.repeat(499) + 1)).toBe('500');
    expect(text('(1)+'.repeat(199) + 1)).toBe('200');
    expect(text(`1${' '.repeat(999)}`)).toBe('1');
    expect(text('211!')).toBe('2.23287838817e400');
    expect(text('1e400')).toBe('1e400');
    expect(text('0e999999999999')).toBe('0');
    expect(text('211!/210!')).toBe('211');
  });

  it('turn fractions that are too long into decimals of 34 digits', () => {
    const { value, isExact } = done('(1 + 5%/365)^3650');
    expect(isExact).toBe(false);
    expect(value.numerator.toString().length).toBeLessThanOrEqual(34);
    expect(toNumber(value)).toBeCloseTo((1 + 0.05 / 365) ** 3650, 10);
    const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29].map((prime) => `1/${prime}^60`);
    expect(done(primes.slice(0, 5).join('+')).value.denominator).toBe(2310n ** 60n);
    expect(done(primes.join('+')).value.denominator.toString().length).toBeLessThanOrEqual(60);
  });
});

describe('results', () => {
  it.each<[string, string, boolean]>([
    ['0.1 + 0.2', '0.3', true],
    ['1/3*3', '1', true],
    ['2^100', '1267650600228229401496703205376', true],
    ['1/2^30', '0.000000000931322574615478515625', true],
    ['1/2^40', '9.09494701773e-13', false],
    ['2^200', '1.60693804426e60', false],
    ['1e40', '1e40', true],
    ['10^33', '1000000000000000000000000000000000', true],
    ['-1/3', '-0.333333333333', false],
    ['2/3', '0.666666666667', false],
    ['10/3', '3.33333333333', false],
    ['10^15/7', '142857142857143', false],
    ['10^34/7', '1428571428571428571428571428571429', false],
    ['10^35/7', '1.42857142857e34', false],
    ['0.0000001/3', '3.33333333333e-8', false],
    ['0.000001/3', '0.000000333333333333', false],
    ['1 - 1/3*10^-20', '1', false],
    ['-(10^35 - 1/3)', '-1e35', false],
    ['sqrt(2)', '1.41421356237', false],
    ['sqrt(9/16)', '0.75', true],
    ['sqrt(10^40)', '100000000000000000000', true],
    ['4^0.5', '2', false],
    ['log(1000)', '3', false],
    ['log(8, 2)', '3', false],
    ['exp(0)', '1', true],
    ['-0', '0', true],
  ])('%s is written %s', (expression, expected, isExact) => {
    expect(done(expression)).toMatchObject({ text: expected, isExact });
  });

  it('round ties to even, to the digits asked for', () => {
    const rounded = (expression: string) => calculate(expression, { significantDigits: 2 });
    expect(rounded('1.25e50')).toMatchObject({ text: '1.2e50' });
    expect(rounded('1.35e50')).toMatchObject({ text: '1.4e50' });
    expect(rounded('-1.25e50')).toMatchObject({ text: '-1.2e50' });
    expect(rounded('9.96e50')).toMatchObject({ text: '1e51' });
    expect(rounded('1000/3')).toMatchObject({ text: '333' });
    for (const significantDigits of [0, 35, 1.5, Number.NaN])
      expect(() => calculate('1', { significantDigits })).toThrow(UsageError);
  });
});

/** An expression with a reference value that was computed another way. */
interface Sample<T> {
  readonly source: string;
  readonly value: T;
}

describe('exact arithmetic', () => {
  /** Fractions that are never reduced; a zero below marks a division by zero. */
  type Fraction = readonly [above: bigint, below: bigint];
  type Op = readonly [symbol: string, apply: (a: Fraction, b: Fraction) => Fraction];
  const operators: readonly Op[] = [
    ['+', ([a, b], [c, d]) => [a * d + c * b, b * d]],
    ['-', ([a, b], [c, d]) => [a * d - c * b, b * d]],
    ['*', ([a, b], [c, d]) => [a * c, b * d]],
    ['/', ([a, b], [c, d]) => (d === 0n ? [0n, 0n] : [a * d, b * c])],
  ];
  const grouped = (n: number): string => n.toLocaleString('en-US');
  const leaf: fc.Arbitrary<Sample<Fraction>> = fc.oneof(
    fc.nat(9_999_999).map((n) => ({ source: `${n}`, value: [BigInt(n), 1n] as const })),
    fc.nat(9_999_999).map((n) => ({ source: grouped(n), value: [BigInt(n), 1n] as const })),
    fc.nat(999_999).map((n) => ({ source: (n / 1000).toFixed(3), value: [BigInt(n), 1000n] as const })),
    fc.nat(999).map((n) => ({ source: `${n} %`, value: [BigInt(n), 100n] as const })),
    fc
      .tuple(fc.nat(99), fc.nat(9))
      .map(([n, e]) => ({ source: `${n}e-${e}`, value: [BigInt(n), 10n ** BigInt(e)] as const })),
  );
  const { node } = fc.letrec<{ node: Sample<Fraction> }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      fc.tuple(fc.constantFrom(...operators), tie('node'), tie('node')).map(([[symbol, apply], a, b]) => ({
        source: `(${a.source}) ${symbol} (${b.source})`,
        value: apply(a.value, b.value),
      })),
      tie('node').map(({ source, value: [a, b] }) => ({ source: `-(${source})`, value: [-a, b] as const })),
      fc.tuple(tie('node'), fc.integer({ min: -3, max: 3 })).map(
        ([
          {
            source,
            value: [a, b],
          },
          n,
        ]) => {
          const [above, below] = n < 0 ? [b, a] : [a, b];
          const power = BigInt(Math.abs(n));
          return {
            source: `(${source})^${n}`,
            value: b === 0n ? [0n, 0n] : ([above ** power, below ** power] as const),
          };
        },
      ),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((all) => ({
        source: `sum(${all.map(({ source }) => `(${source})`).join(',')})`,
        value: all.map(({ value }) => value).reduce(([a, b], [c, d]) => [a * d + c * b, b * d]),
      })),
    ) as fc.Arbitrary<Sample<Fraction>>,
  }));

  it('agrees with fractions of BigInts', () => {
    let compared = 0;
    fc.assert(
      fc.property(node, ({ source, value: [above, below] }) => {
        const result = calculate(source);
        if (below === 0n) {
          if (source.length <= 1_000) expect(result).toMatchObject({ ok: false });
          return;
        }
        // Where the reference grows beyond the bounds, there is nothing exact to compare with.
        if (!result.ok || [above, below].some((side) => side.toString().length > 400)) return;
        expect(result.value.numerator * below).toBe(above * result.value.denominator);
        compared++;
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('obeys precedence as JavaScript does', () => {
    const tokens = fc.array(fc.tuple(fc.constantFrom('+', '-', '*'), fc.integer({ min: 1, max: 99 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.nat(99), tokens, (first, rest) => {
        // Products are collected with their sign, then added: no parser, no stack.
        const terms = [BigInt(first)];
        for (const [symbol, n] of rest) {
          if (symbol === '*') terms.push(terms.pop()! * BigInt(n));
          else terms.push(symbol === '-' ? BigInt(-n) : BigInt(n));
        }
        const source = first + rest.map(([symbol, n]) => `${symbol}${n}`).join('');
        expect(done(source).value.numerator).toBe(terms.reduce((a, b) => a + b));
      }),
    );
  });

  it('reads back what it wrote, exactly or to 12 digits', () => {
    fc.assert(
      fc.property(node, ({ source }) => {
        const result = calculate(source);
        if (!result.ok) return;
        const again = done(result.text);
        if (result.isExact) expect(again.value).toEqual(result.value);
        else expect(Math.abs(toNumber(again.value) / toNumber(result.value) - 1)).toBeLessThan(1e-11);
      }),
      { numRuns: 500 },
    );
  });
});

describe('functions', () => {
  it.each([
    ['exp(1)', '2718281828459045235360287471352662'],
    ['ln(2)', '6931471805599453094172321214581766'],
    ['ln(10)', '2302585092994045684017991454684364'],
    ['sqrt(2)', '1414213562373095048801688724209698'],
    ['log(2)', '3010299956639811952137388947244930'],
    ['2^0.5', '1414213562373095048801688724209698'],
  ])('%s has 34 correct digits', (expression, digits) => {
    const { numerator, denominator } = done(expression).value;
    const scaled = (numerator * 10n ** 40n) / denominator;
    expect(scaled.toString().slice(0, 34)).toBe(digits);
    expect(numerator.toString().length).toBeLessThanOrEqual(34);
  });

  const positive = fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 1, max: 10 ** 6 }));

  it("are each other's inverse to 30 digits", () => {
    const isNear = (a: string, b: string) => {
      const { value } = done(`abs((${a}) / (${b}) - 1)`);
      expect(value.numerator * 10n ** 30n <= value.denominator).toBe(true);
    };
    fc.assert(
      fc.property(positive, positive, ([a, b], [c, d]) => {
        const [x, y] = [`(${a}/${b})`, `(${c}/${d})`];
        isNear(`exp(ln(${x}))`, x);
        isNear(`sqrt(${x})^2`, x);
        isNear(`exp(ln${x} + ln${y})`, `${x} * ${y}`);
        isNear(`(${x}^(1/7))^7`, x);
        isNear(`${x}^-0.5`, `1/sqrt(${x})`);
        if (c !== d) isNear(`${y}^log(${x}, ${y})`, x);
      }),
      { numRuns: 200 },
    );
  });

  it('keep their digits near 1 and far from it', () => {
    expect(text('ln(1 + 1e-40)')).toBe('1e-40');
    expect(text('ln(1 - 1e-300)')).toBe('-1e-300');
    expect(text('ln(2^130/(2^130-1))')).toBe('7.34683969264e-40');
    expect(text('ln(1e400)')).toBe('921.034037198');
    expect(text('sqrt(1e-399)')).toBe('3.16227766017e-200');
    expect(text('sqrt(1e399)')).toBe('3.16227766017e199');
    expect(text('exp(-900)')).toBe('1.36447721237e-391');
    expect(text('1.0000001^(10^9)')).toBe('2.68810370126e43');
  });

  /** Sums, products and functions of positive numbers: nothing cancels, so that doubles keep their digits. */
  const { real } = fc.letrec<{ real: Sample<number> }>((tie) => {
    const of = (make: (source: string) => string, apply: (x: number) => number) =>
      tie('real').map(({ source, value }) => ({ source: make(source), value: apply(value) }));
    return {
      real: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        fc.integer({ min: 1, max: 10 ** 6 }).map((n) => ({ source: `${n / 1000}`, value: n / 1000 })),
        of((x) => `sqrt(${x})`, Math.sqrt),
        of((x) => `ln(1 + ${x})`, Math.log1p),
        of(
          (x) => `log(10 + ${x})`,
          (x) => Math.log10(10 + x),
        ),
        of(
          (x) => `exp(1/(1 + ${x}))`,
          (x) => Math.exp(1 / (1 + x)),
        ),
        of(
          (x) => `(${x})^0.3`,
          (x) => x ** 0.3,
        ),
        of(
          (x) => `(${x})%`,
          (x) => x / 100,
        ),
        fc.tuple(fc.constantFrom('+', '*', '/'), tie('real'), tie('real')).map(([symbol, a, b]) => ({
          source: `((${a.source}) ${symbol} (${b.source}))`,
          value: symbol === '+' ? a.value + b.value : symbol === '*' ? a.value * b.value : a.value / b.value,
        })),
        fc.tuple(fc.constantFrom('min', 'max', 'avg'), tie('real'), tie('real')).map(([name, a, b]) => ({
          source: `${name}(${a.source}, ${b.source})`,
          value:
            name === 'avg'
              ? (a.value + b.value) / 2
              : name === 'min'
                ? Math.min(a.value, b.value)
                : Math.max(a.value, b.value),
        })),
      ) as fc.Arbitrary<Sample<number>>,
    };
  });

  it('agree with JavaScript to 12 digits', () => {
    let compared = 0;
    fc.assert(
      fc.property(real, ({ source, value }) => {
        const result = calculate(source);
        if (!result.ok || value < 1e-200 || value > 1e200) return;
        expect(Math.abs(toNumber(result.value) / value - 1)).toBeLessThan(1e-12);
        compared++;
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});

it('answers whatever it is given', () => {
  const pieces = [
    '1',
    '9',
    '0',
    '.',
    ',',
    'e',
    '%',
    '!',
    '(',
    ')',
    '+',
    '-',
    '*',
    '/',
    '^',
    '**',
    ' ',
    'ln',
    'exp(',
    'max(',
    'irr(-',
    'npv(',
    'pmt(',
    '1e9',
    '\ud800',
    '€',
  ];
  const anything = fc.oneof(
    fc.string({ unit: fc.constantFrom(...pieces), maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(anything, (source) => {
      const result = calculate(source);
      if (result.ok) expect(result.text).toMatch(/^-?\d+(\.\d*[1-9])?(e-?\d+)?$/);
      else {
        expect(result.message).not.toBe('');
        expect(result.position).toBeGreaterThanOrEqual(0);
        expect(result.position).toBeLessThanOrEqual(source.length);
      }
    }),
    { numRuns: 2_000 },
  );
});
