import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactText } from '../../../generate/tools/calculator/decimal.ts';
import { multiply } from '../../../generate/tools/calculator/rational.ts';
import { stream } from '../../../random/stream.ts';
import { isLinear } from '../../testing/growth.ts';
import { runFinqaProgram } from '../programs/finqa-program.ts';
import { type ComparisonOptions, compareNumbers } from './compare.ts';
import { decimalValue } from './decimal-value.ts';
import { readLabels, reportLabels } from './label-report.ts';
import { readNumber } from './read-number.ts';

const lenient = { mode: 'lenient' } as const;

describe('hand-labelled answers', () => {
  it('reads the open half', () => {
    const { records, everything, failures } = reportLabels(readLabels('open'));
    expect(records).toBe(409);
    expect(everything.count / records, JSON.stringify(failures.slice(0, 5))).toBeGreaterThanOrEqual(0.98);
  });
});

describe('the sealed half', () => {
  it('is read nearly as well', () => {
    const { records, everything } = reportLabels(readLabels('sealed'));
    expect(records).toBe(432);
    // Only the sum: a message with items would unseal them.
    expect(everything.count / records).toBeGreaterThanOrEqual(0.93);
  });
});

describe('readNumber', () => {
  const read = (text: string, options: Parameters<typeof readNumber>[1] = lenient) => {
    const reading = readNumber(text, options);
    return reading.ok
      ? `${exactText(reading.value.value)} ${reading.value.unit} ${reading.value.place}`
      : reading.reason;
  };

  it('is strict about the place', () => {
    expect(read('It was 4%. So the margin is 5%.')).toBe('5 percent conclusion');
    expect(read('It was 4%. So the margin is 5%.', {})).toBe('missing');
    expect(read('The margin is 5%.', {})).toBe('missing');
    for (const answer of ['5%', '**5%**', '\\boxed{5\\%}', 'Answer: 5%', '#### 5%']) {
      expect(read(answer, {})).toMatch(/^5 percent (?:mark|statement|whole)$/);
    }
  });

  it('takes an amount that looks like a year and a month for an amount', () => {
    expect(read('Answer: $1962.8 thousand')).toBe('1962800 none statement');
    expect(read('Answer: 2012.7 million')).toBe('2012700000 none statement');
    expect(read('答案：1998.5万元')).toBe('19985000 none statement');
    expect(read('In 2012.7 the margin was 5%.')).toBe('5 percent assertion');
  });

  it('says why there is no number', () => {
    expect(read('')).toBe('empty');
    expect(read('<think>The answer is 5')).toBe('truncated');
    expect(read('Answer: 5 or 6')).toBe('ambiguous');
    expect(read('Answer: 3-5%')).toBe('ambiguous');
    expect(read('Answer: 1.2.3')).toBe('malformed');
    expect(read('The sum is $')).toBe('truncated');
    expect(read('I cannot say.')).toBe('missing');
    expect(read('Answer: 12', { ...lenient, isCutOff: true })).toBe('truncated');
    expect(read('Answer: 12. The', { ...lenient, isCutOff: true })).toBe('12 none statement');
    expect(read('Answer: 12. The', { isCutOff: true })).toBe('truncated');
  });

  it('reads a value chosen from a range, a condition and its result, a ratio', () => {
    expect(read('The growth was between 3% and 5%, and I choose 4%.')).toBe('4 percent assertion');
    expect(read('If sales are 100 and the margin is 20%, profit is 25.')).toBe('25 none assertion');
    expect(read('The ratio is 3 to 1.')).toBe('3 multiple assertion');
    expect(read('#DIV/0!')).toBe('missing');
    expect(read('\u001b]0;7 tabs\u0007\u001b[31mred\u001b[0m')).toBe('missing');
  });

  it('points at the raw text, whatever stands around and inside', () => {
    const places: [string, string][] = [
      ['<think>9</think>Answer: $1,234.50 million.', '$1,234.50 million'],
      ['So $\\boxed{-12.5}\\%$.', '-\\boxed{12.5}\\%'.replace('-\\boxed{12.5', '-12.5')],
      ['答案：1\u200b2万元', '1\u200b2万元'],
      ['Answer: twenty-five percent', 'twenty-five percent'],
    ];
    for (const [raw, expected] of places) {
      const reading = readNumber(raw, lenient);
      expect(reading.ok && raw.slice(reading.span.start, reading.span.end), raw).toBe(expected);
    }
  });

  it('never throws, and its span lies in the text', () => {
    const parts = fc.constantFrom(
      ...[
        '1',
        '23',
        '.5',
        ',',
        ' ',
        '%',
        '-',
        '(',
        ')',
        '$',
        '\\boxed{',
        '}',
        '\\frac{',
        '\\text{',
        '<answer>',
        '[[',
        ']]',
        '=',
        'x 10^',
        'answer is ',
        ' or ',
        'million',
        '万',
        '百分之',
        '三',
        'half ',
        'one ',
        'Q',
        '\n',
        '|',
        '**',
        '\ud800',
        '\0',
        '\u200b',
        '<think>',
        '</think>',
        '2020',
        '/',
        'from ',
        ' to ',
        'wait, ',
        'in millions',
        '#### ',
      ],
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(parts, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 20 }),
        (pieces) => {
          const raw = pieces.join('');
          const reading = readNumber(raw, lenient);
          if (!reading.ok) return;
          const { start, end } = reading.span;
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(raw.length);
          expect(reading.value.value.denominator).toBeGreaterThan(0n);
        },
      ),
      { numRuns: 1_000, seed: 5 },
    );
  });

  it('takes linear time', () => {
    // What was quadratic once: digits, braces, words that multiply, lines, equations.
    const repeated = [
      '1 ',
      '{',
      '\\boxed{',
      'one hundred ',
      '1\n',
      '1=',
      '½',
      '[[',
      'Answer: 1. ',
      '- ',
      '\\frac{',
      '( ',
      '. ',
      '**',
      '7',
      '1,',
      '$(',
      '((((',
      '三',
      '1亿',
    ];
    const read = (text: string) => readNumber(text, lenient);
    const slow = repeated.filter((piece) => !isLinear(read, (length) => piece.repeat(length / piece.length), 2 ** 12));
    expect(slow).toEqual([]);
  });
});

describe('compareNumbers', () => {
  const gold = (text: string) => {
    const reading = readNumber(text, lenient);
    if (!reading.ok) throw new Error(`no gold number in ${text}`);
    return reading.value;
  };
  const verdict = (found: string, wanted: string, options: ComparisonOptions): string => {
    const { strict, lenient: isLenient, error } = compareNumbers(readNumber(found, lenient), gold(wanted), options);
    return `${strict ? 'strict' : isLenient ? 'lenient' : 'wrong'}${error === undefined ? '' : ` ${error}`}`;
  };

  it.each<[string, string, ComparisonOptions, string]>([
    ['1204', '1,204', { mode: 'lookup' }, 'strict'],
    ['1204.3', '1,204', { mode: 'lookup' }, 'strict'],
    ['1204.6', '1,204', { mode: 'lookup' }, 'wrong wrong'],
    ['$1.204 billion', '$1,204 million', { mode: 'lookup' }, 'strict'],
    ['-1204', '1,204', { mode: 'lookup' }, 'wrong sign'],
    ['(134)', '134', { mode: 'lookup' }, 'wrong sign'],
    ['1204 million', '1,204', { mode: 'lookup' }, 'wrong scale'],
    ['€5', '$5', { mode: 'lookup' }, 'wrong unit'],
    ['5', '$5', { mode: 'lookup' }, 'strict'],
    ['20.00', '0.0', { mode: 'lookup' }, 'wrong wrong'],
    ['50', '5', { mode: 'derived' }, 'wrong scale'],
    ['101', '100.0', { mode: 'derived' }, 'strict'],
    ['101.1', '100.0', { mode: 'derived' }, 'wrong wrong'],
    ['0.014', '0.01', { mode: 'derived' }, 'strict'],
    ['0.016', '0.01', { mode: 'derived' }, 'wrong wrong'],
    ['12.5%', '12.5%', { mode: 'percent' }, 'strict'],
    ['125 bps', '1.25%', { mode: 'percent' }, 'strict'],
    ['12.5', '12.5%', { mode: 'percent' }, 'lenient unit'],
    ['0.125', '12.5%', { mode: 'percent' }, 'lenient percent-fraction'],
    ['-0.125', '12.5%', { mode: 'percent' }, 'wrong wrong'],
    ['12.5%', '0.125', { mode: 'percent' }, 'strict'],
    ['12.5%', '0.125', { mode: 'derived' }, 'lenient percent-fraction'],
    ['12.5%', '12.5', { mode: 'derived' }, 'lenient unit'],
    ['3.2', '3.2x', { mode: 'derived' }, 'strict'],
    ['5 or 6', '5', { mode: 'derived' }, 'wrong unparsed'],
    ['<think>5', '5', { mode: 'derived' }, 'wrong truncated'],
    ['0', '0.00', { mode: 'derived' }, 'strict'],
    ['1', '0.00', { mode: 'derived' }, 'wrong wrong'],
    ['102', '100', { mode: 'lookup', tolerance: { relative: 0.02 } }, 'strict'],
    ['102.1', '100', { mode: 'lookup', tolerance: { relative: 0.02 } }, 'wrong wrong'],
    ['100.4', '100', { mode: 'lookup', tolerance: { absolute: 0.4 } }, 'strict'],
    ['0.1234', '0.12341', { mode: 'derived', tolerance: { decimals: 4 } }, 'strict'],
    ['0.1234', '0.1236', { mode: 'derived', tolerance: { decimals: 4 } }, 'wrong wrong'],
  ])('%j against %j %o is %s', (found, wanted, options, expected) => {
    expect(verdict(found, wanted, options)).toBe(expected);
  });

  it('is exact where floats are not', () => {
    expect(verdict('0.3', '0.3000000000000000000000001', { mode: 'lookup' })).toBe('wrong wrong');
    expect(verdict('9007199254740993', '9,007,199,254,740,992', { mode: 'lookup' })).toBe('wrong wrong');
  });

  it.each(['derived', 'percent', 'lookup'] as const)(
    '%s: accepts less than half a percent of random pairs over six decades',
    (mode) => {
      const random = stream(11, 'false-accepts', mode);
      const draw = () => (10 ** (6 * random.float() - 3)).toPrecision(4);
      const unit = mode === 'percent' ? 'percent' : 'none';
      const scale = decimalValue(1);
      const isAccepted = (found: string, wanted: string): boolean => {
        const decimals = wanted.split('.')[1]?.length ?? 0;
        const target = { value: decimalValue(Number(wanted)), unit, decimals, scale } as const;
        const value = { value: decimalValue(Number(found)), unit: 'none', scale } as const;
        return compareNumbers({ ok: true, value, span: { start: 0, end: 1 } }, target, { mode }).lenient;
      };
      const pairs = 20_000;
      let accepted = 0;
      for (let index = 0; index < pairs; index++) accepted += Number(isAccepted(draw(), draw()));
      expect(accepted / pairs).toBeLessThan(0.005);
      const same = draw();
      expect(isAccepted(same, same)).toBe(true);
    },
  );
});

const QA = join(import.meta.dirname, '../../../../../shared/data/qa');

describe.runIf(existsSync(QA))('jfinqa', () => {
  interface Item {
    readonly id: string;
    readonly qa: { readonly answer: string; readonly program: readonly string[] };
  }

  it.each(['jfinqa_dev.json', 'jfinqa_train.json'])('%s: programs give the numbers that answers print', (name) => {
    const items: Item[] = JSON.parse(readFileSync(join(QA, name), 'utf8'));
    const numeric = items.filter(({ qa }) => /\d/.test(qa.answer));
    const failed = numeric.filter(({ qa }) => {
      const result = runFinqaProgram(qa.program);
      const answer = readNumber(`答え：${qa.answer}`);
      if (!result.ok || !answer.ok || typeof result.value === 'boolean') return true;
      const { scale, decimals = 0 } = answer.value;
      const half = { numerator: scale.numerator, denominator: scale.denominator * 2n * 10n ** BigInt(decimals) };
      // Programs compute in the unit of the table, such as millions of yen.
      const found = {
        ok: true,
        value: { value: multiply(result.value, scale), unit: answer.value.unit, scale },
        span: { start: 0, end: 1 },
      } as const;
      const tolerance = { absolute: Number(half.numerator) / Number(half.denominator) };
      return !compareNumbers(found, answer.value, { mode: 'derived', tolerance }).strict;
    });
    expect(failed.map(({ id, qa }) => `${id} ${qa.answer}`)).toEqual([]);
    expect(numeric.length).toBeGreaterThan(50);
  });
});
