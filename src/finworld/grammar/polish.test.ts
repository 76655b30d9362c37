import { describe, expect, it } from 'vitest';
import { capitalised, enumeration, polish, sentence } from './polish.ts';

describe('polish', () => {
  it.each([
    ['a apple', 'an apple'],
    ['a hour', 'an hour'],
    ['a unit', 'a unit'],
    ['a uninvited guest', 'an uninvited guest'],
    ['a one-year bond', 'a one-year bond'],
    ['a 8% rise', 'an 8% rise'],
    ['a 80% rise', 'an 80% rise'],
    ['a 11.2% rise', 'an 11.2% rise'],
    ['a 18-month loan', 'an 18-month loan'],
    ['a 110 kilometre walk', 'a 110 kilometre walk'],
    ['A $8 fee', 'An $8 fee'],
    ['A $4 fee', 'A $4 fee'],
    ['a European firm', 'a European firm'],
    ['a used car', 'a used car'],
  ])('%s -> %s', (given, wanted) => expect(polish(given)).toBe(wanted));

  it('closes up what empty alternatives leave', () => {
    expect(polish('one  two , three .')).toBe('one two, three.');
  });
});

describe('sentence', () => {
  it('capitalises behind a quotation mark and closes once', () => {
    expect(sentence('"we agree," said Ada')).toBe('"We agree," said Ada.');
    expect(sentence('he said: "go."')).toBe('He said: "go."');
    expect(sentence('as follows:')).toBe('As follows:');
    expect(capitalised('8 miles')).toBe('8 miles');
  });
});

describe('enumeration', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('%j', (items, text) => expect(enumeration(items)).toBe(text));
});
