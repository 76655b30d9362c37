/**
 * Refuses regular expressions of a tokenizer that could run for ever.
 *
 * JavaScript matches by backtracking and cannot be interrupted, so the cost of a foreign pattern is bounded before it
 * is compiled. The work of one match attempt over n characters is at most `choices * n^degree`:
 *
 * - an alternation adds the choices of its branches, a sequence multiplies those of its items;
 * - an unbounded repetition adds one to the degree if something after it can fail, because only then is it retried;
 * - only a single character (class) may repeat without bound, so nothing exponential is left.
 *
 * A pattern passes with degree at most 1, which every tokenizer in common use has: a hostile one makes encoding at
 * worst quadratic in the length of one text. Back-references, look-behind and named groups are refused.
 */

import { refuse } from './json-fields.ts';

const MAX_LENGTH = 8_192;
const MAX_DEPTH = 32;
const MAX_CHOICES = 4_096;
const MAX_DEGREE = 1;
/** A counted repetition up to this is a choice; above it is treated as unbounded. */
const MAX_COUNT = 16;

interface Cost {
  readonly choices: number;
  readonly degree: number;
}

type Node =
  | { readonly kind: 'character' }
  /** `^`, `$`, `\b`, look-ahead: consumes nothing and may fail. */
  | { readonly kind: 'assertion'; readonly body?: Node }
  | { readonly kind: 'alternation'; readonly branches: readonly (readonly Item[])[] };

interface Item {
  readonly node: Node;
  readonly minimum: number;
  readonly maximum: number;
}

/** Throws an `InputError` unless the Oniguruma-style pattern has a bounded cost. */
export function assertBoundedPattern(pattern: string, field: string): void {
  const fail = (found: string): never =>
    refuse(field, found, 'a pattern whose matching time is bounded', 'Use the pre-tokenizer of a known model family.');
  if (pattern.length > MAX_LENGTH) fail(`a pattern of ${pattern.length} characters`);
  const { choices, degree } = cost(parse(pattern, fail), false, fail);
  if (degree > MAX_DEGREE) fail(`${degree} repetitions that are retried together`);
  if (choices > MAX_CHOICES) fail(`${choices} ways to match at one place`);
}

function parse(pattern: string, fail: (found: string) => never): Node {
  let at = 0;

  function alternation(depth: number): Node {
    if (depth > MAX_DEPTH) fail(`groups nested deeper than ${MAX_DEPTH}`);
    const branches: Item[][] = [[]];
    while (at < pattern.length && pattern[at] !== ')') {
      if (pattern[at] === '|') {
        at++;
        branches.push([]);
        continue;
      }
      const node = atom(depth);
      branches.at(-1)!.push({ node, ...quantifier() });
    }
    return { kind: 'alternation', branches };
  }

  function atom(depth: number): Node {
    const character = pattern[at];
    if (character === '(') return group(depth);
    if (character === '[') return characterClass();
    if (character === '\\') return escaped();
    if ('*+?'.includes(character)) fail(`a stray ${character} at ${at}`);
    at += pattern.codePointAt(at)! > 0xffff ? 2 : 1;
    return character === '^' || character === '$' ? { kind: 'assertion' } : { kind: 'character' };
  }

  function group(depth: number): Node {
    const start = at;
    const prefix = /^\((?:\?(?:i:|:|=|!|>))?(?!\?)/.exec(pattern.slice(at, at + 5))?.[0];
    if (prefix === undefined) return fail(`the group ${JSON.stringify(pattern.slice(at, at + 4))} at ${at}`);
    at += prefix.length;
    const body = alternation(depth + 1);
    if (pattern[at] !== ')') fail(`the unclosed group at ${start}`);
    at++;
    return prefix === '(?=' || prefix === '(?!' ? { kind: 'assertion', body } : body;
  }

  /** A bracketed class, with nested classes and escapes; a `]` that comes first is literal. */
  function characterClass(): Node {
    const start = at;
    let open = 0;
    while (at < pattern.length) {
      const character = pattern[at++];
      if (character === '\\') at++;
      else if (character === '[') {
        if (++open > MAX_DEPTH) fail(`classes nested deeper than ${MAX_DEPTH}`);
        if (pattern[at] === '^') at++;
        if (pattern[at] === ']') at++;
      } else if (character === ']' && --open === 0) return { kind: 'character' };
    }
    return fail(`the unclosed class at ${start}`);
  }

  function escaped(): Node {
    const text = /^\\(?:[pPxu]\{[^}]{0,64}\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)/su.exec(
      pattern.slice(at, at + 80),
    )?.[0];
    if (text === undefined || /^\\[1-9kgKGRX]/.test(text)) {
      return fail(`the escape ${JSON.stringify(pattern.slice(at, at + 2))} at ${at}`);
    }
    at += text.length;
    return /^\\[AzZbB]$/.test(text) ? { kind: 'assertion' } : { kind: 'character' };
  }

  function quantifier(): { minimum: number; maximum: number } {
    const match = /^(?:[*+?]|\{(\d{1,9})?(,)?(\d{1,9})?\})/.exec(pattern.slice(at, at + 24));
    if (match === null || match[0] === '{}' || match[0] === '{,}') return { minimum: 1, maximum: 1 };
    at += match[0].length;
    // A second sign makes the first lazy or possessive; neither changes the bound. After braces it would repeat again.
    if (match[0].startsWith('{') && '+*'.includes(pattern[at] ?? ' ')) fail(`a repeated repetition at ${at}`);
    if ('?+'.includes(pattern[at] ?? ' ')) at++;
    if (match[0] === '*') return { minimum: 0, maximum: Number.POSITIVE_INFINITY };
    if (match[0] === '+') return { minimum: 1, maximum: Number.POSITIVE_INFINITY };
    if (match[0] === '?') return { minimum: 0, maximum: 1 };
    const minimum = Number(match[1] ?? 0);
    const maximum = match[3] !== undefined ? Number(match[3]) : match[2] ? Number.POSITIVE_INFINITY : minimum;
    return { minimum, maximum };
  }

  const node = alternation(0);
  if (at < pattern.length) fail(`an unmatched ) at ${at}`);
  return node;
}

/** The cost of one attempt at `node`, where `tailCanFail` says whether what follows it may send the matcher back. */
function cost(node: Node, tailCanFail: boolean, fail: (found: string) => never): Cost {
  if (node.kind === 'character') return { choices: 1, degree: 0 };
  // What a look-ahead scans is scanned again whenever the matcher comes back to it, so its body counts as if it failed.
  if (node.kind === 'assertion') return node.body ? cost(node.body, true, fail) : { choices: 1, degree: 0 };
  let choices = 0;
  let degree = 0;
  for (const branch of node.branches) {
    const total = branchCost(branch, tailCanFail, fail);
    choices += total.choices;
    degree = Math.max(degree, total.degree);
  }
  return { choices, degree };
}

function branchCost(items: readonly Item[], tailCanFail: boolean, fail: (found: string) => never): Cost {
  let choices = 1;
  let degree = 0;
  let canFail = tailCanFail;
  for (const item of items.toReversed()) {
    const inner = cost(item.node, canFail || item.maximum > 1, fail);
    if (item.maximum > MAX_COUNT) {
      if (item.node.kind !== 'character') fail('a repeated group');
      if (canFail && item.maximum !== item.minimum) degree++;
    } else if (item.maximum > 1 && inner.degree > 0) {
      fail('a repeated group that repeats inside');
    } else {
      let ways = 0;
      for (let count = item.minimum; count <= item.maximum; count++) ways += inner.choices ** count;
      choices *= ways;
      degree += inner.degree;
    }
    canFail ||= item.minimum > 0;
  }
  return { choices, degree };
}
