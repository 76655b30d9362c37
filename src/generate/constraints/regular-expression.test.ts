import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, smallTokenizer, WORDS, walk } from '../../../test/support/constraints.ts';
import { UsageError } from '../../errors.ts';
import { regexConstraint } from './regex-constraint.ts';

const tokenizer = smallTokenizer(WORDS);

/** A pattern as a tree, from which both its source and an obvious matcher are made. */
type Tree =
  | { readonly kind: 'atom'; readonly source: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly kind: 'group'; readonly opening: string; readonly options: readonly Tree[] }
  | {
      readonly kind: 'repeat';
      readonly body: Tree;
      readonly source: string;
      readonly from: number;
      readonly to: number;
    };

// biome-ignore format: one atom after the other
const ATOMS = [
  'a', 'b', 'c', '1', ' ', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', 'é', '€', '😀', '\\n', '\\.', '\\u00e9',
  '\\u{1F600}', '\\ud83d\\ude00', '\\x61', '[ab]', '[^a]', '[a-c1]', '[é-€]', '[^\\d\\s]', '[\\w-]', '[]', '[^]',
  '[😀-😎b]', '[\\]\\\\^]', '\\cJ',
];
const REPETITIONS: readonly (readonly [string, number, number])[] = [
  ['*', 0, Number.POSITIVE_INFINITY],
  ['+', 1, Number.POSITIVE_INFINITY],
  ['?', 0, 1],
  ['{2}', 2, 2],
  ['{1,3}', 1, 3],
  ['{0}', 0, 0],
  ['{2,}', 2, Number.POSITIVE_INFINITY],
  ['*?', 0, Number.POSITIVE_INFINITY],
];

const patterns = fc.letrec<{ pattern: Tree; branch: Tree; item: Tree; atom: Tree }>((tie) => ({
  pattern: fc
    .tuple(fc.constantFrom('(', '(?:'), fc.array(tie('branch'), { minLength: 1, maxLength: 3 }))
    .map(([opening, options]): Tree => ({ kind: 'group', opening, options })),
  branch: fc.array(tie('item'), { maxLength: 4 }).map((parts): Tree => ({ kind: 'sequence', parts })),
  item: fc.oneof(
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom(...REPETITIONS))
      .map(([body, [source, from, to]]): Tree => ({ kind: 'repeat', body, source, from, to })),
  ),
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...ATOMS).map((source): Tree => ({ kind: 'atom', source })),
    tie('pattern'),
  ),
})).pattern;

function sourceOf(tree: Tree): string {
  if (tree.kind === 'atom') return tree.source;
  if (tree.kind === 'sequence') return tree.parts.map(sourceOf).join('');
  if (tree.kind === 'repeat') return sourceOf(tree.body) + tree.source;
  return `${tree.opening}${tree.options.map(sourceOf).join('|')})`;
}

/** Where matches of the tree can end that begin at one of the places: JavaScript's matcher can take for ever. */
function endsOf(tree: Tree, characters: readonly string[], starts: ReadonlySet<number>): Set<number> {
  if (tree.kind === 'atom') {
    const one = new RegExp(`^${tree.source}$`, 'u');
    return new Set([...starts].filter((at) => at < characters.length && one.test(characters[at])).map((at) => at + 1));
  }
  if (tree.kind === 'sequence') {
    return tree.parts.reduce((places, part) => endsOf(part, characters, places), new Set(starts));
  }
  if (tree.kind === 'group') return new Set(tree.options.flatMap((option) => [...endsOf(option, characters, starts)]));
  const ends = new Set(tree.from === 0 ? starts : []);
  let places: Set<number> = new Set(starts);
  // Beyond so many rounds nothing new is reached.
  for (let count = 1; count <= Math.min(tree.to, characters.length + tree.from + 1); count++) {
    places = endsOf(tree.body, characters, places);
    if (count >= tree.from) for (const place of places) ends.add(place);
  }
  return ends;
}

function matches(tree: Tree, text: string): boolean {
  const characters = Array.from(text);
  return endsOf(tree, characters, new Set([0])).has(characters.length);
}

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', ' ', 'é', '€', '😀', '😎', '\n', '.', '-', ']', '\\', '_', '\u2028'), {
    maxLength: 6,
  })
  .map((characters) => characters.join(''));

const reference = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');

/** Patterns that accept nothing are refused, which JavaScript cannot say; undefined for them. */
function compile(pattern: string) {
  try {
    return regexConstraint(pattern, tokenizer);
  } catch (error) {
    if (error instanceof UsageError && error.problem.found === 'a constraint that no text meets') return undefined;
    throw error;
  }
}

describe('the language of a pattern', () => {
  it('is that of JavaScript', () => {
    let accepted = 0;
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 8, maxLength: 8 }), (tree, samples) => {
        const pattern = sourceOf(tree);
        const compiled = compile(pattern);
        for (const sample of samples) {
          const expected = reference(pattern).test(sample);
          if (expected) accepted++;
          expect(matches(tree, sample), JSON.stringify({ pattern, sample })).toBe(expected);
          expect(compiled !== undefined && accepts(compiled, sample), JSON.stringify({ pattern, sample })).toBe(
            expected,
          );
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(accepted).toBeGreaterThan(150);
  });

  it.each(['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '.', '[^\\s\\d]'])(
    'is that of JavaScript for every character: %s',
    (pattern) => {
      const compiled = regexConstraint(pattern, tokenizer);
      for (let code = 0; code < 0x10800; code++) {
        if (code >= 0xd800 && code <= 0xdfff) continue;
        const character = String.fromCodePoint(code);
        if (accepts(compiled, character) !== reference(pattern).test(character)) expect.fail(code.toString(16));
      }
    },
  );

  it('is what walks over the masks write', () => {
    fc.assert(
      fc.property(patterns, fc.array(fc.nat(), { maxLength: 12 }), (tree, choices) => {
        const pattern = sourceOf(tree);
        const compiled = compile(pattern);
        if (compiled === undefined) return;
        const text = walk(compiled, tokenizer, choices);
        expect(matches(tree, text), JSON.stringify({ pattern, text })).toBe(true);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it.each([
    ['(a*)*', 'aaaa', 'ab'],
    ['(a*|b)*c', 'abac', 'ab'],
    ['^ab$|^c$', 'c', 'abc'],
    ['(a|b)*a(a|b){20}', `b${'a'.repeat(21)}`, `b${'a'.repeat(20)}`],
    ['.{0,1000}', '€'.repeat(1000), '€'.repeat(1001)],
    ['', '', 'a'],
  ])('%s', (pattern, inside, outside) => {
    const compiled = regexConstraint(pattern, tokenizer);
    expect(accepts(compiled, inside)).toBe(true);
    expect(accepts(compiled, outside)).toBe(false);
  });

  it('accepts no byte string that is not UTF-8', () => {
    const compiled = regexConstraint('[^a]*', tokenizer);
    const bytes = [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xe2, 0x82], [0x80]];
    for (const text of bytes) expect(accepts(compiled, Uint8Array.from(text)), text.join()).toBe(false);
    expect(accepts(compiled, '\u{10ffff}\ud7ff\ue000\0')).toBe(true);
  });
});

describe('refused patterns', () => {
  it.each([
    ['(a)\\1', 'back-reference', 3],
    ['(?<n>a)\\k<n>', 'back-reference', 7],
    ['a(?=b)', 'look-around', 1],
    ['(?<!a)b', 'look-around', 0],
    ['a(?i)b', 'flags', 1],
    ['a\\bc', 'word boundary', 1],
    ['\\p{L}', 'Unicode property', 0],
    ['a\\', 'escape', 1],
    ['\\q', 'escape', 0],
    ['a^b', 'anchor', 1],
    ['(^a)', 'anchor', 1],
    ['a$b', 'anchor', 1],
    ['(a', 'unclosed group', 0],
    ['a)', 'unmatched', 1],
    ['[a', 'unclosed class', 0],
    ['[b-a]', 'range', 1],
    ['[\\d-x]', 'range', 1],
    ['a**', 'nothing to repeat', 2],
    ['a*+', 'nothing to repeat', 2],
    ['{2}', 'nothing to repeat', 0],
    ['a{3,2}', 'repetition', 1],
    ['a{99999999}', 'repetition of more than', 1],
    ['\ud83d', 'surrogate', 0],
    ['\\ud83d', 'no character', 0],
    ['\\u{110000}', 'no character', 0],
  ])('%j', (pattern, reason, position) => {
    expect(() => regexConstraint(pattern, tokenizer)).toThrow(UsageError);
    expect(() => regexConstraint(pattern, tokenizer)).toThrow(new RegExp(`${reason}.* at position ${position}`));
  });

  it('names the bound that a hostile pattern breaks', () => {
    const refused = (pattern: string, reason: RegExp) =>
      expect(() => regexConstraint(pattern, tokenizer)).toThrow(reason);
    refused('(a{1,1000}){1,1000}', /automaton states/);
    refused('((((((a{9}){9}){9}){9}){9}){9}){9}', /automaton states/);
    refused(`${'('.repeat(4_000)}a${')'.repeat(4_000)}`, /nested deeper than 100/);
    refused(`${'('.repeat(10_000)}a${')'.repeat(10_000)}`, /pattern of 20001 characters/);
    refused('a'.repeat(9_000), /pattern of 9000 characters/);
    refused('[]', /no text meets/);
  });

  it('stops when a pattern can be read in too many ways', () => {
    const constraint = regexConstraint('(a?){30000}', smallTokenizer(['a'.repeat(300)])).start();
    expect(() => constraint.mask()).toThrow(/too many ways/);
  });
});
