import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../errors.ts';
import { isLinear } from '../../testing/growth.ts';
import { buildPipeline } from './filters.ts';
import { pythonPattern } from './python-pattern.ts';

type Step = { readonly function: string; readonly [setting: string]: unknown };

function run(steps: readonly Step[], answers: readonly string[], options: readonly string[] = []): readonly string[] {
  const pipeline = buildPipeline({ name: 'p', filter: [...steps] }, 'filter_list.0');
  const left = pipeline.apply(
    answers.map((text) => ({ text, found: true })),
    options,
  );
  return left.map(({ text, found }) => (found ? text : `${text}!`));
}

// What upstream gives is in upstream.test.ts; here is what a task may get wrong, and what is ours.
describe('filters', () => {
  it.each<[Step, string, string]>([
    [{ function: 'regex', regex_pattern: '(\\d+)' }, 'a 1 b 2', '1'],
    [{ function: 'regex', regex_pattern: '(\\d+)', group_select: -1 }, 'a 1 b 2', '2'],
    [{ function: 'regex', regex_pattern: '(\\d+)', group_select: 5 }, 'a 1 b 2', '[invalid]!'],
    [{ function: 'regex', regex_pattern: '(x)|(y)' }, 'ay', 'y'],
    [{ function: 'regex', regex_pattern: '(x)|(y)', fallback: 'none' }, 'a', 'none!'],
    [{ function: 'map', mapping_dict: { A: 1, B: 'two' } }, 'B', 'two'],
    [{ function: 'map', mapping_dict: { A: 1 } }, 'A', '1'],
    [{ function: 'map', mapping_dict: { A: 1 }, default_value: 'other' }, 'C', 'other!'],
    [{ function: 'map', mapping_dict: {} }, 'constructor', '!'],
    [{ function: 'uppercase' }, 'a', 'A'],
    [{ function: 'remove_whitespace' }, ' a\n', 'a'],
    [{ function: 'format_span' }, 'Person: Ada, none\nCompany: Acme $$ date: May', 'per: ada $ org: acme $ date: may'],
  ])('%j makes of %j %j', (step, answer, expected) => {
    expect(run([step], [answer])).toEqual([expected]);
  });

  it('votes, the first among equals winning, and takes some', () => {
    expect(run([{ function: 'majority_vote' }], ['b', 'a', 'a', 'b'])).toEqual(['b']);
    expect(run([{ function: 'take_first_k', k: 2 }], ['c', 'b', 'a'])).toEqual(['c', 'b']);
    expect(run([{ function: 'take_first' }, { function: 'lowercase' }], ['C', 'B'])).toEqual(['c']);
  });

  it.each([
    ['The answer is (B).', '(B)'],
    ['I would say: C', '(C)'],
    ['(C), since it is not cash', '(C)'],
    ['net income, surely', '(A)'],
    ['nothing', '[invalid]!'],
  ])('multi_choice_regex finds in %j %j', (answer, expected) => {
    const step = { function: 'multi_choice_regex', regex_pattern: '(\\([A-Z]\\))', ignore_case: true };
    expect(run([step], [answer], ['Net income', 'Cash', 'Debt'])).toEqual([expected]);
  });

  it.each<[Step, RegExp]>([
    [{ function: 'regexp' }, /Did you mean "regex"/],
    [{ function: 'constructor' }, /the filter "constructor"/],
    [{ function: 'regex', pattern: 'a' }, /an unknown setting/],
    [{ function: 'regex', group_select: 'last' }, /a whole number/],
    [{ function: 'take_first_k' }, /found nothing/],
    [{ function: 'regex', regex_pattern: '(a' }, /\(a/],
    [{ function: 'regex', regex_pattern: 'a(?!b)' }, /look-ahead only at its end/],
    [{ function: 'regex', regex_pattern: 'a(?=b)c' }, /look-ahead only at its end/],
    [{ function: 'regex', regex_pattern: 'a(?=.*)' }, /look-ahead only at its end/],
    [{ function: 'regex', regex_pattern: '(?:a(?=b))*' }, /look-ahead only at its end/],
    [{ function: 'regex', regex_pattern: '(a)\\1' }, /without back-references/],
    [{ function: 'regex', regex_pattern: 'a'.repeat(5000) }, /5000 characters/],
  ])('refuses %j', (step, message) => {
    expect(() => buildPipeline({ name: 'p', filter: [step] }, 'f')).toThrow(UsageError);
    expect(() => buildPipeline({ name: 'p', filter: [step] }, 'f')).toThrow(message);
  });

  // Values are those of Python's re.findall.
  it.each<[string, string, readonly (string | readonly string[])[]]>([
    ['(?<=the answer is )(.*)(?=.)', 'So the answer is (B).\nthe answer is C', ['(B)', '']],
    ['((?<=is )(.*)(?=.)|(?<=: )(.*)(?=.))', 'It is 5.', [['5', '5', '']]],
    ['((?<=is )(.*)(?=.)|(?<=: )(.*)(?=.))', 'It: 15!', [['15', '', '15']]],
    ['a(?=b)', 'abaab', ['a', 'a']],
    ['(?=b)', 'abb', ['', '']],
    ['a(?=[)*])', 'a)a*a', ['a', 'a']],
    ['b(?=c|d)|e', 'bcbdbe', ['b', 'b', 'e']],
    ['(?<!a)b', 'abbb', ['b', 'b']],
    ['\\.$', '1.\n', ['.']],
    ['\\.$', '1.\n\n', []],
    ['(a|b$)', 'ab\n', ['a', 'b']],
    ['(?m)b$', 'b\nb', ['b', 'b']],
    ['[$]$', '$$', ['$']],
    ['$', 'a\n', ['', '']],
    ['x?(?=😀)', 'x😀😀', ['x', '', '']],
  ])('looks ahead and behind: %j in %j', (pattern, text, matches) => {
    expect(pythonPattern(pattern, 'p').findAll(text)).toEqual(matches);
  });

  it('takes out what stands before a last line feed, and not the line feed', () => {
    expect(pythonPattern('\\.$', 'p').remove('1.0.\n')).toBe('1.0\n');
  });

  it('prefers the longest of choices that begin alike, and of equal ones the last', () => {
    const step = { function: 'multi_choice_regex', regex_pattern: '(\\([A-Z]\\))', ignore_punctuation: true };
    expect(run([step], ['Net income after tax'], ['Net income', 'Net income after tax'])).toEqual(['(B)']);
    expect(run([step], ['surely 5'], ['-5', '5'])).toEqual(['(B)']);
  });

  it('looks ahead in linear time', () => {
    const [all, last] = [pythonPattern('a(?=.)', 'p'), pythonPattern('(?<=b )(.*)(?=.)', 'p')];
    expect(all.findAll('a'.repeat(20_001))).toHaveLength(20_000);
    expect(last.findAll('b '.repeat(10_000))).toHaveLength(1);
    expect(
      isLinear(
        (text) => all.findAll(text),
        (length) => 'a'.repeat(length),
        2 ** 13,
      ),
    ).toBe(true);
    expect(
      isLinear(
        (text) => last.findAll(text),
        (length) => 'b '.repeat(length / 2),
        2 ** 13,
      ),
    ).toBe(true);
  });

  it('is done with a pattern that would never end elsewhere', () => {
    const pattern = pythonPattern('(a+)+$', 'p');
    expect(pattern.findAll(`${'a'.repeat(20_000)}b`)).toEqual([]);
    expect(
      isLinear(
        (text) => pattern.findAll(text),
        (length) => `${'a'.repeat(length)}b`,
        2 ** 13,
      ),
    ).toBe(true);
  });

  it('takes out what is to be ignored', () => {
    expect(pythonPattern('[,$]', 'p').remove('$1,250')).toBe('1250');
  });
});
