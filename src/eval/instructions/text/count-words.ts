import { countMatches, WORD } from './python-text.ts';

const word = new RegExp(`[${WORD}]+`, 'gu');

/** Runs of letters and numbers, as the benchmark counts: "don't" is two, and scripts with vowel signs are cut at them. */
export function countWords(text: string): number {
  return countMatches(text, word);
}
