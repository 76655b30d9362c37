/**
 * Counts words in capitals as the tokenizer of the Penn Treebank cuts them: punctuation apart, hyphenated words whole,
 * "IT'S" and "CANNOT" in two. "I" is such a word, and so is the "S" of "IT'S".
 */
import { isUpper, SPACE } from './python-text.ts';

/** Cut at these, at dots and dashes in a row, and at commas and colons that no digit follows. */
const gap = new RegExp(`(?:[${SPACE};@#$%&?!"“”‘’«»„()\\[\\]{}<>]|\\.{3,}|--|[,:](?!\\d)|'')+`, 'u');

const ENDING = /^(.*[^'])('s|'m|'d|'ll|'re|'ve)$/isu;
const NOT = /^(.+)(n't)$/isu;
const CONTRACTION =
  /^('*)(can(?=not$)|d(?='ye$)|gim(?=me$)|gon(?=na$)|got(?=ta$)|lem(?=me$)|more(?='n$)|wan(?=na$))(.+)$/iu;

export function countCapitalWords(text: string): number {
  let count = 0;
  for (const chunk of text.split(gap)) {
    for (const piece of cut(chunk.replace(/\.$/, ''))) if (isUpper(piece)) count += 1;
  }
  return count;
}

/** The parts of a word that was written together. */
function cut(chunk: string): readonly string[] {
  const ending = ENDING.exec(chunk) ?? NOT.exec(chunk);
  if (ending) return [...cut(ending[1]!), ending[2]!];
  const contraction = CONTRACTION.exec(chunk);
  return contraction ? [contraction[2]!, contraction[3]!] : [chunk];
}
