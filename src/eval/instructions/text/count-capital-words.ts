/**
 * Counts words in capitals as the tokenizer of the Penn Treebank cuts them: punctuation apart, hyphenated words whole,
 * "IT'S" and "CANNOT" in two. "I" is such a word, and so is the "S" of "IT'S".
 */
import { isUpper, SPACE } from './python-text.ts';

/** Cut at these, at dots and dashes in a row, and at commas and colons that no digit follows. */
const gap = new RegExp(`(?:[${SPACE};@#$%&?!"“”‘’«»„()\\[\\]{}<>]|\\.{3,}|--|[,:](?!\\d)|'')+`, 'u');

/** Behind a character of the word itself. */
const ENDING = /(?<=[^'])(?:'s|'m|'d|'ll|'re|'ve)$|(?<=.)n't$/isu;
/** UTF-16 units of the longest of them, and of what stands before it. */
const ENDING_REACH = 6;
const CONTRACTION =
  /^('*)(can(?=not$)|d(?='ye$)|gim(?=me$)|gon(?=na$)|got(?=ta$)|lem(?=me$)|more(?='n$)|wan(?=na$))(.+)$/iu;

export function countCapitalWords(text: string): number {
  let count = 0;
  for (const chunk of text.split(gap)) {
    for (const piece of cut(chunk.replace(/\.$/, ''))) if (isUpper(piece)) count += 1;
  }
  return count;
}

/** The parts of a word that was written together. Endings may follow each other, however many a hostile text has. */
function cut(chunk: string): readonly string[] {
  const endings: string[] = [];
  let end = chunk.length;
  for (;;) {
    const ending = ENDING.exec(chunk.slice(Math.max(0, end - ENDING_REACH), end))?.[0];
    if (ending === undefined) break;
    endings.push(ending);
    end -= ending.length;
  }
  const stem = chunk.slice(0, end);
  const contraction = CONTRACTION.exec(stem);
  return [...(contraction ? [contraction[2]!, contraction[3]!] : [stem]), ...endings.reverse()];
}
