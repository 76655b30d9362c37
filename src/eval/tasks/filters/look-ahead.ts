/**
 * Look-ahead for RE2, which has none: where a pattern ends with it, it is the same to read on as a group of its own and to
 * leave that group out of the match. So is Python's `$`, which looks for the end of the text or for a last line feed.
 *
 * What is looked for must have a bounded length, or a search would read the same text again and again.
 */

/** Names no group of a task file is likely to have; one that has it is refused as a group that is there twice. */
const GROUP = 'finery_ahead';

const TOKEN = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\(\?=|\((?:\?:)?|[\s\S]/gu;

export interface EndingPattern {
  /** For RE2. */
  readonly source: string;
  /** Names of the groups that stand for a look-ahead; of these at most one takes part in a match. */
  readonly aheads: readonly string[];
}

/** Rewrites every look-ahead and `$` that nothing follows; others are left for RE2 to judge. */
export function withLookAhead(pattern: string): EndingPattern {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  const isMultiline = /\(\?[a-zA-Z]*m/.test(pattern);
  const aheads: string[] = [];
  const opening = (): string => {
    aheads.push(`${GROUP}${aheads.length}`);
    return `(?P<${aheads[aheads.length - 1]}>`;
  };
  const source = tokens.map((token, place) => {
    if (token === '$' && !isMultiline && endsPattern(tokens, place + 1)) return `${opening()}\\n?\\z)`;
    if (token !== '(?=') return token;
    const close = tokens.indexOf(')', place);
    const isBounded = close > place && !tokens.slice(place + 1, close).some((inner) => /^[(*+{]/.test(inner));
    return isBounded && endsPattern(tokens, close + 1) ? opening() : token;
  });
  return { source: source.join(''), aheads };
}

/** Whether from this place on nothing is left to match: only ends of groups, and alternatives to what stands before. */
function endsPattern(tokens: readonly string[], from: number): boolean {
  for (let place = from; place < tokens.length; place++) {
    if (tokens[place] === '|') place = endOfGroup(tokens, place);
    else if (tokens[place] !== ')') return false;
  }
  return true;
}

/** The place of the parenthesis that closes the group around a place, or the end. */
function endOfGroup(tokens: readonly string[], from: number): number {
  let depth = 0;
  for (let place = from; place < tokens.length; place++) {
    if (tokens[place].startsWith('(')) depth++;
    if (tokens[place] === ')' && depth-- === 0) return place;
  }
  return tokens.length;
}
