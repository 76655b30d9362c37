/**
 * Words by which texts are compared for overlap: runs of letters and digits in lower case, after compatibility forms are
 * made equal (NFKC). Punctuation and spacing, which copies change most, play no part. Each Chinese or Japanese character is
 * a word.
 */
const character = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc]`;
const word = new RegExp(`${character}|(?:(?!${character})[\\p{L}\\p{M}\\p{N}])+`, 'gu');

/** One after the other, so that a long document needs no list of them. */
export function* wordsOf(text: string): Generator<string> {
  for (const [found] of text.normalize('NFKC').toLowerCase().matchAll(word)) yield found;
}
