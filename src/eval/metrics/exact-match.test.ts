import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { type ExactMatchOptions, exactMatch } from './exact-match.ts';

interface Case {
  readonly flags: ExactMatchOptions;
  readonly patterns: readonly string[] | null;
  readonly scores: readonly number[];
}

const path = new URL('../../../test/golden/evaluation/metrics.json', import.meta.url);
const [pairs, cases]: [readonly [string, string][], readonly Case[]] = JSON.parse(
  readFileSync(path, 'utf8'),
).exactMatch;

function removals(patterns: readonly string[]) {
  return patterns.map((pattern) => {
    const compiled = RE2JS.compile(pattern);
    return { remove: (text: string) => compiled.matcher(text).replaceAll('') };
  });
}

describe('exact match', () => {
  it.each(cases)('with $flags and $patterns is that of lm-evaluation-harness', ({ flags, patterns, scores }) => {
    const options = { ...flags, regexes_to_ignore: patterns ? removals(patterns) : undefined };
    expect(pairs.map(([prediction, reference]) => exactMatch(prediction, [reference], options))).toEqual(scores);
  });

  it('is with any of the references', () => {
    expect(exactMatch('b', ['a', 'b'])).toBe(1);
    expect(exactMatch('b', ['a', 'B'])).toBe(0);
    expect(exactMatch('', [])).toBe(0);
  });
});
