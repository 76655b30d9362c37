/**
 * Glob patterns over '/'-separated paths: `*` and `?` within a name, `**` for any number of folders, `{a,b}` alternatives,
 * `\` before a character taken literally. Matching is by dynamic programming and never backtracks, so no pattern is slow.
 */

import { UsageError } from '../../errors.ts';

const MAX_ALTERNATIVES = 1000;

export function isGlob(path: string): boolean {
  return /[*?{]/.test(path);
}

/** A test for whole paths. Throws a `UsageError` for unbalanced braces or more than 1,000 alternatives. */
export function globMatcher(pattern: string): (path: string) => boolean {
  const alternatives = expandBraces(pattern).map((alternative) => alternative.split('/'));
  return (path) => {
    const names = path.split('/');
    return alternatives.some((alternative) => matchPath(alternative, names));
  };
}

/** The leading folders that hold no wildcard, and the pattern of what lies below them. */
export function splitGlob(pattern: string): { readonly base: string; readonly rest: string } {
  const names = pattern.split('/');
  const fixed = names.findIndex(isGlob);
  // A brace may span a '/': then everything from its name on belongs to the pattern, which is where `fixed` points.
  return { base: names.slice(0, fixed).join('/'), rest: names.slice(fixed).join('/') };
}

function matchPath(pattern: readonly string[], names: readonly string[]): boolean {
  // reached[j]: the pattern so far matches the first j names.
  let reached = Array.from({ length: names.length + 1 }, (_, j) => j === 0);
  for (const part of pattern) {
    const next = new Array<boolean>(names.length + 1).fill(false);
    for (let j = 0; j <= names.length; j++) {
      // As in shells, wildcards do not match hidden names.
      if (part === '**') next[j] = reached[j] || (j > 0 && next[j - 1] && !names[j - 1].startsWith('.'));
      else if (j > 0) next[j] = reached[j - 1] && matchName(part, names[j - 1]);
    }
    reached = next;
  }
  return reached[names.length];
}

function matchName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  // Characters, not code units, so that `?` matches an astral one.
  const characters = [...name];
  let reached = Array.from({ length: characters.length + 1 }, (_, j) => j === 0);
  const symbols = [...pattern];
  for (let i = 0; i < symbols.length; i++) {
    const literal = symbols[i] === '\\' && i + 1 < symbols.length;
    const symbol = literal ? symbols[++i] : symbols[i];
    const next = new Array<boolean>(characters.length + 1).fill(false);
    for (let j = 0; j <= characters.length; j++) {
      if (symbol === '*' && !literal) next[j] = reached[j] || (j > 0 && next[j - 1]);
      else if (j > 0) next[j] = reached[j - 1] && ((symbol === '?' && !literal) || symbol === characters[j - 1]);
    }
    reached = next;
  }
  return reached[characters.length];
}

/** `a{b,c{d,e}}` -> `ab`, `acd`, `ace`. */
function expandBraces(pattern: string): string[] {
  const open = pattern.search(/(?<!\\)\{/);
  if (open < 0) return [pattern];
  let depth = 0;
  let start = open + 1;
  const options: string[] = [];
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '{') depth++;
    else if (pattern[i] === ',' && depth === 1) {
      options.push(pattern.slice(start, i));
      start = i + 1;
    } else if (pattern[i] === '}' && --depth === 0) {
      options.push(pattern.slice(start, i));
      return product(pattern.slice(0, open), options, pattern.slice(i + 1));
    }
  }
  throw new UsageError({
    field: 'glob pattern',
    found: `'${pattern}', whose '{' is never closed`,
    expected: 'balanced braces',
    fix: "Close the brace, or write '\\{' for the character itself.",
  });
}

function product(head: string, options: readonly string[], tail: string): string[] {
  const tails = expandBraces(tail);
  const expanded: string[] = [];
  for (const option of options.flatMap(expandBraces)) {
    for (const end of tails) {
      if (expanded.length === MAX_ALTERNATIVES) {
        throw new UsageError({
          field: 'glob pattern',
          found: `more than ${MAX_ALTERNATIVES} alternatives`,
          expected: 'fewer',
          fix: 'Use wildcards, or several patterns.',
        });
      }
      expanded.push(head + option + end);
    }
  }
  return expanded;
}
