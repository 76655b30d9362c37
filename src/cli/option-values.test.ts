import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { exactlyOne, integer, tokenIds } from './option-values.ts';

describe('integer', () => {
  const parse = integer('--n', 1, 1000);

  it.each([
    ['1', 1],
    ['1000', 1000],
    ['1_000', 1000],
    ['1e3', 1000],
    ['+5', 5],
  ])('reads %s', (word, value) => expect(parse(word)).toBe(value));

  it.each(['', '0', '1001', '-1', '1.5', 'abc', '1x', ' 1', '0x10', 'Infinity', 'NaN', '1e-3', '_1'])(
    'refuses %j and names the option',
    (word) => {
      expect(() => parse(word)).toThrow(UsageError);
      expect(() => parse(word)).toThrow(/^--n: .* from 1 to 1000/);
    },
  );
});

describe('tokenIds', () => {
  const parse = tokenIds('--ids');

  it.each([
    ['1,2,3', [1, 2, 3]],
    ['[1, 2, 3]', [1, 2, 3]],
    ['1 2\n3', [1, 2, 3]],
    ['[]', []],
    ['', []],
  ])('reads %j', (word, ids) => expect([...parse(word)]).toEqual(ids));

  it.each(['1,x', '-1', '1.5', '[1', '2147483648'])('refuses %j', (word) =>
    expect(() => parse(word)).toThrow(/^--ids/),
  );
});

describe('exactlyOne', () => {
  it('accepts one option, even an empty one, and refuses none and two', () => {
    expect(() => exactlyOne({ text: '', ids: undefined }, ['text', 'ids'])).not.toThrow();
    expect(() => exactlyOne({}, ['text', 'ids'])).toThrow(/^--text, --ids: found none of them/);
    expect(() => exactlyOne({ text: 'a', ids: [] }, ['text', 'ids'])).toThrow(/found --text and --ids/);
  });
});
