/** Words of English text, compared without their endings. */

/** What says nothing about the matter of a text. */
const FUNCTION_WORDS = new Set(
  `a about above after again all also although an and another any are as at be because been before being below between
   both but by can could did do does during each either even every few for from had has have he her here hers him his how
   however i if in into is it its just many may me might more most much must my neither no nor not now of on one only or
   other our out over own same she should since so some such than that the their them then there these they this those
   through thus to today too under until up us very was we were what when where whether which while who whom whose why will
   with within without would yes yet you your`.split(/\s+/),
);

export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word.toLowerCase());

export const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];

/** Rough on purpose: words of one family should meet, and a word too many that does costs one question. */
const stem = (word: string): string =>
  word
    .toLowerCase()
    .replace(/['’]s?$/, '')
    .replace(/(?:ies|es|s|ed|ing|al|ly|y|e)$/, '');

/** What is left of the words that carry meaning, without endings. */
export function stemsOf(text: string): ReadonlySet<string> {
  return new Set(
    wordsOf(text)
      .filter((word) => !isFunctionWord(word))
      .map(stem),
  );
}

/** Whether one says the other, give or take small words and endings: "glial cell" and "cells", "the axon" and "axons". */
export function areAlike(a: string, b: string): boolean {
  const [small, large] = [stemsOf(a), stemsOf(b)].sort((one, other) => one.size - other.size);
  return [...small].every((word) => large.has(word));
}
