/**
 * Reads regular expressions of the regular part of JavaScript's syntax with the flag `u`:
 *
 * - characters, `.`, classes `[a-z]` and `[^a-z]`, `\d \w \s` and `\D \W \S` with JavaScript's meaning;
 * - escapes `\t \n \v \f \r \0 \cX \xHH \uHHHH \u{H}`, and a backslash before ASCII punctuation;
 * - groups `( )`, `(?: )`, `(?<name> )`, alternatives, and the repetitions `* + ? {m} {m,} {m,n}`. A `?` after them
 *   asks for the shortest match, which changes nothing about what is accepted;
 * - `^` at the beginning and `$` at the end of an alternative of the whole pattern.
 *
 * Refused by name and position: back-references, look-around, `\b`, `\p`, flags, and anchors elsewhere.
 */

import { UsageError } from '../../errors.ts';
import { type CodePointSet, charactersOf, codePointSet, complement, EVERY_CHARACTER, without } from './code-points.ts';
import { characters, choice, type Expression, repeat, sequence } from './expression.ts';

const MAX_LENGTH = 8_192;
const MAX_DEPTH = 100;
const MAX_COUNT = 65_536;

/** One alternative of the whole pattern. */
interface Branch {
  readonly body: Expression;
  /** Whether `^` begins it, and `$` ends it. */
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

const DIGIT = charactersOf('0123456789');
const WORD = codePointSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const SPACE = codePointSet([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
const CLASS_ESCAPES: ReadonlyMap<string, CodePointSet> = new Map([
  ['d', DIGIT],
  ['D', complement(DIGIT)],
  ['w', WORD],
  ['W', complement(WORD)],
  ['s', SPACE],
  ['S', complement(SPACE)],
]);
const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['v', 0x0b],
  ['f', 0x0c],
  ['r', 0x0d],
]);
const ANY_OF_A_LINE = without(EVERY_CHARACTER, charactersOf('\n\r\u2028\u2029'));

/** The texts that the pattern matches from end to end. Throws a `UsageError` that names the position. */
export function wholeMatch(pattern: string, field: string): Expression {
  return choice(...parse(pattern, field).map((branch) => branch.body));
}

/** The texts in which the pattern is found, as JSON Schema reads it: without `^` and `$`, anywhere. */
export function matchAnywhere(pattern: string, field: string): Expression {
  const anything = repeat(characters(EVERY_CHARACTER), 0);
  return choice(
    ...parse(pattern, field).map(({ body, fromStart, toEnd }) =>
      sequence(...(fromStart ? [] : [anything]), body, ...(toEnd ? [] : [anything])),
    ),
  );
}

function parse(pattern: string, field: string): Branch[] {
  let at = 0;

  const fail = (what: string, fix: string, position = at): never => {
    throw new UsageError({
      field,
      found: `${what} at position ${position}`,
      expected: 'a regular expression without memory or look-around',
      fix,
    });
  };

  function wholePattern(): Branch[] {
    const branches: Branch[] = [];
    do {
      const fromStart = take('^');
      const body = branch(0);
      branches.push({ body, fromStart, toEnd: take('$') });
    } while (take('|'));
    if (pattern[at] === ')') fail('an unmatched )', 'Write \\) for the character.');
    if (at < pattern.length) {
      const anchor = branches.at(-1)!.toEnd ? at - 1 : at;
      const fix = 'Put ^ first and $ last in the whole pattern, or write \\^ and \\$.';
      fail(`the anchor ${pattern[anchor]}`, fix, anchor);
    }
    return branches;
  }

  /** A sequence up to `|`, `)`, an anchor or the end. */
  function branch(depth: number): Expression {
    const parts: Expression[] = [];
    while (at < pattern.length && !'|)^$'.includes(pattern[at])) parts.push(repetition(atom(depth)));
    return parts.length === 1 ? parts[0] : sequence(...parts);
  }

  function atom(depth: number): Expression {
    const character = pattern[at];
    if (character === '(') return group(depth + 1);
    if (character === '[') return characters(characterClass());
    if (character === '\\') return characters(escaped(false));
    if ('*+?{'.includes(character))
      fail(`${character} with nothing to repeat`, `Write \\${character} for the character.`);
    if ('}]'.includes(character)) fail(`an unmatched ${character}`, `Write \\${character} for the character.`);
    if (take('.')) return characters(ANY_OF_A_LINE);
    return characters(single(codePoint()));
  }

  function group(depth: number): Expression {
    const start = at++;
    if (depth > MAX_DEPTH) fail(`a group nested deeper than ${MAX_DEPTH}`, 'Use fewer groups.', start);
    if (pattern[at] === '?') {
      const opening = /^\?(?::|<[\p{ID_Start}$_][\p{ID_Continue}$]*>)/u.exec(pattern.slice(at));
      if (opening === null) {
        const isLookAround = /^\?<?[=!]/.test(pattern.slice(at, at + 3));
        const what = isLookAround ? 'look-around' : 'a group with flags';
        return fail(`${what} ${JSON.stringify(pattern.slice(start, at + 3))}`, 'Say it without, or use (?: ).', start);
      }
      at += opening[0].length;
    }
    const options = [branch(depth)];
    while (take('|')) options.push(branch(depth));
    if (at >= pattern.length) fail('an unclosed group', 'Close it with ).', start);
    if (!take(')')) {
      fail(`the anchor ${pattern[at]} inside a group`, 'Put ^ first and $ last in the whole pattern.');
    }
    return choice(...options);
  }

  function repetition(body: Expression): Expression {
    const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(pattern.slice(at, at + 32));
    if (match === null) return body;
    const start = at;
    at += match[0].length;
    if (match[0][0] === '*') return repeat(body, 0);
    if (match[0][0] === '+') return repeat(body, 1);
    if (match[0][0] === '?') return repeat(body, 0, 1);
    const minimum = Number(match[1]);
    const open = match[2] === ',' && match[3] === '';
    const maximum = match[3] === '' ? minimum : Number(match[3]);
    if (Math.max(minimum, maximum) > MAX_COUNT) {
      fail(`a repetition of more than ${MAX_COUNT} times`, 'Lower the count.', start);
    }
    if (maximum < minimum) fail(`the repetition ${match[0]}`, 'Put the smaller number first.', start);
    return repeat(body, minimum, open ? undefined : maximum);
  }

  function characterClass(): CodePointSet {
    const start = at++;
    const negated = take('^');
    const ranges: (readonly [number, number])[] = [];
    for (;;) {
      if (at >= pattern.length) fail('an unclosed class', 'Close it with ].', start);
      if (take(']')) break;
      const position = at;
      const low = classMember();
      if (pattern[at] !== '-' || pattern[at + 1] === ']' || at + 1 >= pattern.length) {
        ranges.push(...low);
        continue;
      }
      at++;
      const [from, to] = [onlyMember(low), onlyMember(classMember())];
      if (from === undefined || to === undefined || from > to) {
        const found = `the range ${JSON.stringify(pattern.slice(position, at))}`;
        return fail(found, 'Put the lower character first, or write \\- for the character.', position);
      }
      ranges.push([from, to]);
    }
    const set = codePointSet(ranges);
    return negated ? complement(set) : set;
  }

  const classMember = (): CodePointSet => (pattern[at] === '\\' ? escaped(true) : single(codePoint()));

  function escaped(inClass: boolean): CodePointSet {
    const start = at++;
    const letter = pattern[at++] ?? '';
    const shown = `\\${letter}`;
    const named = CLASS_ESCAPES.get(letter);
    if (named !== undefined) return named;
    const control = CONTROL_ESCAPES.get(letter);
    if (control !== undefined) return single(control);
    if (/^[!-/:-@[-`{-~]$/.test(letter)) return single(letter.charCodeAt(0));
    if (letter === 'b' && inClass) return single(0x08);
    if (letter === '0' && !/\d/.test(pattern[at] ?? '')) return single(0);
    const numeric = /^(?:c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,8}\})/.exec(
      pattern.slice(at - 1, at + 10),
    )?.[0];
    if (numeric !== undefined) {
      at += numeric.length - 1;
      return single(numericEscape(numeric, start));
    }
    if (/^[1-9k]$/.test(letter)) fail(`the back-reference ${shown}`, 'Write the group out again.', start);
    if (/^[bB]$/.test(letter)) fail(`the word boundary ${shown}`, 'Write the neighbouring characters out.', start);
    if (/^[pP]$/.test(letter)) fail(`the Unicode property ${shown}`, 'Write the class as ranges.', start);
    return fail(`the escape ${shown}`, 'Use one of \\t \\n \\v \\f \\r \\0 \\cX \\xHH \\uHHHH.', start);
  }

  function numericEscape(digits: string, start: number): number {
    if (digits[0] === 'c') return digits.charCodeAt(1) % 32;
    let value = Number.parseInt(digits.replace(/[xu{}]/g, ''), 16);
    if (value >= 0xd800 && value <= 0xdbff && digits[1] !== '{') {
      const second = /^\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/.exec(pattern.slice(at, at + 6));
      if (second !== null) {
        at += second[0].length;
        value = 0x10000 + ((value - 0xd800) << 10) + (Number.parseInt(second[1], 16) - 0xdc00);
      }
    }
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
      fail(`U+${value.toString(16).toUpperCase()}, which is no character,`, 'Write a character of Unicode.', start);
    }
    return value;
  }

  /** The character at this place, as it stands. */
  function codePoint(): number {
    const value = pattern.codePointAt(at)!;
    at += value > 0xffff ? 2 : 1;
    return value;
  }

  function take(character: string): boolean {
    if (pattern[at] !== character) return false;
    at++;
    return true;
  }

  if (pattern.length > MAX_LENGTH) fail(`a pattern of ${pattern.length} characters`, `Keep below ${MAX_LENGTH}.`);
  const lone = pattern.search(/\p{Surrogate}/u);
  if (lone >= 0) fail('half of a surrogate pair', 'Write the whole character.', lone);
  return wholePattern();
}

const single = (codePoint: number): CodePointSet => [[codePoint, codePoint]];

/** The only character of a set that is one; undefined for a class such as `\d`. */
function onlyMember(set: CodePointSet): number | undefined {
  return set.length === 1 && set[0][0] === set[0][1] ? set[0][0] : undefined;
}
