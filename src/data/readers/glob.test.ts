import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { globMatcher, isGlob, splitGlob } from './glob.ts';

describe('globMatcher', () => {
  it.each([
    ['*.jsonl', 'a.jsonl', true],
    ['*.jsonl', 'b/a.jsonl', false],
    ['**/*.jsonl', 'a.jsonl', true],
    ['**/*.jsonl', 'x/y/a.jsonl', true],
    ['x/**/z.txt', 'x/z.txt', true],
    ['x/**/z.txt', 'x/a/b/z.txt', true],
    ['x/**/z.txt', 'y/z.txt', false],
    ['x/**', 'x/a/b', true],
    ['?.txt', 'a.txt', true],
    ['?.txt', '\u{1f4b6}.txt', true],
    ['?.txt', '.txt', false],
    ['?.txt', 'ab.txt', false],
    ['{fed,sec}_*.jsonl{,.gz}', 'sec_10k.jsonl.gz', true],
    ['{fed,sec}_*.jsonl{,.gz}', 'fed_.jsonl', true],
    ['{fed,sec}_*.jsonl{,.gz}', 'cfpb_x.jsonl', false],
    ['a{b,c{d,e}}f', 'acef', true],
    ['a{b,c{d,e}}f', 'adf', false],
    ['{a/b,c}/d', 'a/b/d', true],
    ['\\*.txt', '*.txt', true],
    ['\\*.txt', 'a.txt', false],
    ['a.c', 'abc', false],
    ['[ab].txt', '[ab].txt', true],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['**', 'a/.git/b', false],
    ['', '', true],
  ])("'%s' against '%s': %s", (pattern, path, expected) => expect(globMatcher(pattern)(path)).toBe(expected));

  it('is not slowed down by patterns made to backtrack', () => {
    const matches = globMatcher(`${'*a'.repeat(60)}b`);
    const folders = globMatcher(`${'**/'.repeat(60)}b`);
    const start = performance.now();
    expect(matches('a'.repeat(250))).toBe(false);
    expect(folders(`${'a/'.repeat(250)}c`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('refuses open braces and too many alternatives', () => {
    expect(() => globMatcher('a{b,c')).toThrow(UsageError);
    expect(() => globMatcher('{a,b}'.repeat(20))).toThrow(/more than 1000 alternatives/);
  });
});

describe('splitGlob', () => {
  it.each([
    ['data/*/x.txt', 'data', '*/x.txt'],
    ['*.txt', '', '*.txt'],
    ['/a/b{c,d}/e', '/a', 'b{c,d}/e'],
    ['a/{b/c,d}/e', 'a', '{b/c,d}/e'],
  ])('%s', (pattern, base, rest) => expect(splitGlob(pattern)).toEqual({ base, rest }));
});

it('isGlob tells patterns from paths', () => {
  expect(isGlob('a/b.txt')).toBe(false);
  expect(isGlob('a/*.txt')).toBe(true);
});
