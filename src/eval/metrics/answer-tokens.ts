/**
 * Tokens by which answers are compared. Chinese and Japanese are written without spaces, so each of their characters is a
 * token; what stands between them is cut as the published metrics cut English, and text without such characters gets
 * exactly their tokens.
 */

/** Characters that are tokens: Han, Hiragana, Katakana, and the length marks that Unicode counts to no script. */
const character = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\uff70`;

const rougeToken = new RegExp(`[${character}]|[a-z0-9]+`, 'gu');

/** As Google's rouge-score without stemming: lower case, runs of a-z and 0-9. */
export function rougeTokens(text: string): string[] {
  return text.toLowerCase().match(rougeToken) ?? [];
}

const squadToken = new RegExp(`[${character}]|[^\\s${character}]+`, 'gu');
/** ASCII punctuation, as SQuAD; the punctuation of Chinese and Japanese, full-width forms included. */
const punctuation =
  /[!-/:-@[-`{-~\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/gu;

/** As SQuAD's official script: lower case, without punctuation and the articles a, an, the. */
export function squadTokens(text: string): string[] {
  const bare = text.toLowerCase().replace(punctuation, '');
  return (bare.match(squadToken) ?? []).filter((token) => token !== 'a' && token !== 'an' && token !== 'the');
}

/** How often each token occurs. */
export function countTokens(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

/** Size of the intersection of two bags. */
export function sharedCount(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [token, count] of one) shared += Math.min(count, other.get(token) ?? 0);
  return shared;
}
