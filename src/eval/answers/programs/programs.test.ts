import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalValue } from '../numeric/decimal-value.ts';
import { runAssignmentProgram } from './assignment-program.ts';
import { runFinqaProgram } from './finqa-program.ts';
import { programOf, runProgram } from './program-of.ts';
import { executesTo, type ProgramResult } from './program-result.ts';

const QA = join(import.meta.dirname, '../../../../../shared/data/qa');

const outcome = (result: ProgramResult): number | boolean | string => {
  if (!result.ok) return result.code;
  const { value } = result;
  return typeof value === 'boolean' ? value : Number(value.numerator) / Number(value.denominator);
};

describe('FinQA programs', () => {
  const table = [
    ['', '2008', '2007'],
    ['Net sales', '$ 1,200', '$ 1,000 (a)'],
    ['sales, net (in millions)', '10', '30'],
    ['margin', '12.5%', '-7.5%'],
    ['notes', 'n/a', '1'],
  ];

  it.each<[string, number | boolean | string]>([
    ['subtract(5829, 5735), divide(#0, 5735)', 94 / 5735],
    ['divide(9896,23.6)', 9896 / 23.6],
    ['add(1,234, 1)', 1235],
    ['multiply(const_m1, const_1000)', -1000],
    ['divide(15.7%, 2)', 0.0785],
    ['exp(2, 10), EOF', 1024],
    ['exp(1.1, 0.5)', Math.sqrt(1.1)],
    ['greater(36197, 345059)', false],
    ['greater(-2, -3)', true],
    ['eq(0.50, .5)', true],
    ['abs(-3)', 3],
    ['table_max(net sales, none)', 1200],
    ['table_sum(sales, net (in millions), none)', 40],
    ['table_average(margin, none), multiply(#0, const_100)', 2.5],
    ['table_min(margin, none)', -0.075],
    ['table_max(notes, none)', 'arguments'],
    ['table_max(profit, none)', 'arguments'],
    ['divide(1, 0)', 'division-by-zero'],
    ['divide(1, #0)', 'arguments'],
    ['greater(1, 2), add(#0, 1)', 'arguments'],
    ['add(1, 2, 3)', 'arguments'],
    ['constructor(1, 2)', 'unknown-name'],
    ['add(1, 2', 'syntax'],
    ['add(1, 2) and more', 'syntax'],
    ['', 'syntax'],
    ['exp(10, 1000)', 'out-of-range'],
    ['exp(9, 999999999999999999)', 'out-of-range'],
    ['add(1, 2), '.repeat(500), 'too-long'],
  ])('%s', (program, expected) => {
    const found = outcome(runFinqaProgram(program, table));
    if (typeof expected === 'number') expect(found).toBeCloseTo(expected, 12);
    else expect(found).toBe(expected);
  });

  it('runs lists of steps, as in jfinqa', () => {
    expect(outcome(runFinqaProgram(['subtract(3.0, 1.0)', 'divide(#0, 4)']))).toBe(0.5);
  });
});

describe('programs of assignments', () => {
  it.each<[string, number | boolean | string]>([
    ['x0 = 3.8 / 35.1; ans = x0 * 100', 380 / 35.1],
    ['ans = 15.7%', 0.157],
    ['a = 1 # one\n\nb = a + 2', 3],
    ['ans = 36197 > 345059', false],
    ['ans = 1 + 1 == 2', true],
    ['ans = -2 ** 2', -4],
    ['ans = 2 ** -1', 0.5],
    ['ans = 2 ** 3 ** 2', 512],
    ['ans = 10 - 4 - 3', 3],
    ['ans = 12 / 3 / 2', 2],
    ['ans = (1 + 2) * -3', -9],
    ['ans = 5; x = 7', 5],
    ['ans = 7 % 3', 'syntax'],
    ['ans = 7 // 2', 'syntax'],
    ['ans = x', 'unknown-name'],
    ['ans = __import__("os")', 'unknown-name'],
    ['import os', 'syntax'],
    ['ans = (1).real', 'syntax'],
    ['ans = 1 > 2 > 3', 'syntax'],
    ['ans = (1 > 2) + 1', 'arguments'],
    ['ans = 1 / (2 - 2)', 'division-by-zero'],
    ['', 'syntax'],
    [`ans = ${'('.repeat(65)}1${')'.repeat(65)}`, 'too-deep'],
    [`ans = ${'-'.repeat(3_000)}1`, 'too-deep'],
    ['x = 9 ** 9; y = x ** 9; ans = y ** 9', 'out-of-range'],
  ])('%s', (program, expected) => {
    const found = outcome(runAssignmentProgram(program));
    if (typeof expected === 'number') expect(found).toBeCloseTo(expected, 12);
    else expect(found).toBe(expected);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    'ans',
    ' = ',
    '1',
    '.5',
    '(',
    ')',
    ',',
    '+',
    '**',
    '%',
    '#0',
    'add(',
    'table_max(',
    ', none)',
    ';',
    '\n',
    '\0',
    '\ud800',
    '9e9',
  );
  it('runs or says why not', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        for (const run of [runFinqaProgram, runAssignmentProgram])
          expect(typeof run(parts.join('')).ok).toBe('boolean');
      }),
      { numRuns: 2_000, seed: 3 },
    );
  });
});

describe('programOf', () => {
  const text = (answer: string, mode: 'strict' | 'lenient' = 'strict') => {
    const reading = programOf(answer, { mode });
    return reading.ok ? reading.value.text : reading.reason;
  };

  it.each([
    ['subtract(2, 1), divide(#0, 1)', 'subtract(2, 1), divide(#0, 1)'],
    ['Program: add(1, 2)\nDone.', 'add(1, 2)'],
    ['First:\n```python\nx = 1\n```\nBetter:\n```python\nx = 2\nans = x\n```\n', 'x = 2\nans = x'],
    ['<think>ans = 1</think>\nans = 2', 'ans = 2'],
    ['```\nans = 1', 'truncated'],
    ['```json\n{}\n```', 'malformed'],
    ['The answer is 5.', 'missing'],
  ])('%j', (answer, expected) => {
    expect(text(answer)).toBe(expected);
  });

  it('leniently takes the last line that is one', () => {
    const answer = 'We divide:\ndivide(1, 2)\nThat is it.';
    expect([text(answer), text(answer, 'lenient')]).toEqual(['missing', 'divide(1, 2)']);
    const reading = programOf(answer, { mode: 'lenient' });
    expect(reading.ok && outcome(runProgram(reading.value))).toBe(0.5);
  });
});

interface Conversation {
  readonly id: string;
  readonly programs: readonly string[];
  readonly answer: number | 'yes' | 'no';
}

describe.runIf(existsSync(QA))('gold programs', () => {
  const read = <T>(name: string): T[] => JSON.parse(readFileSync(join(QA, name), 'utf8'));

  it.each(['convfinqa_dev.json', 'convfinqa_train.json'])(
    '%s: the last program of each conversation gives its answer',
    (name) => {
      const conversations = read<Conversation>(name);
      const failed = conversations.filter(({ programs, answer }) => {
        const gold = typeof answer === 'number' ? decimalValue(answer) : answer === 'yes';
        return !executesTo(runAssignmentProgram(programs[programs.length - 1]), gold);
      });
      expect(failed.map(({ id }) => id)).toEqual([]);
      const turns = conversations.flatMap(({ programs }) => programs);
      expect(turns.filter((program) => !runAssignmentProgram(program).ok)).toEqual([]);
      expect(turns.length).toBeGreaterThan(100);
    },
  );
});
