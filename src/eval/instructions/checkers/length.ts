import { z } from 'zod';
import { amount, type Check, defineInstruction, holds, phrase, relation } from '../instruction.ts';
import { countWords } from '../text/count-words.ts';
import { SPACE, strip, stripStart } from '../text/python-text.ts';
import { countSentences } from '../text/sentences.ts';

export const numberWords = defineInstruction(
  'length_constraints:number_words',
  z.strictObject({ num_words: amount, relation }),
  (kwargs): Check =>
    (response) =>
      holds(countWords(response), kwargs.relation, kwargs.num_words),
);

export const numberSentences = defineInstruction(
  'length_constraints:number_sentences',
  z.strictObject({ num_sentences: amount, relation }),
  (kwargs): Check =>
    (response) =>
      holds(countSentences(response), kwargs.relation, kwargs.num_sentences),
);

/** Exactly so many paragraphs with `***` between them; the divider may also stand before the first or after the last. */
export const numberParagraphs = defineInstruction(
  'length_constraints:number_paragraphs',
  z.strictObject({ num_paragraphs: amount }),
  ({ num_paragraphs }): Check =>
    (response) => {
      const paragraphs = response.split('***').map((paragraph) => strip(paragraph));
      if (paragraphs.slice(1, -1).includes('')) return false;
      return paragraphs.filter((paragraph) => paragraph !== '').length === num_paragraphs;
    },
);

const PUNCTUATION = /[.,?!'"]/;

/**
 * Exactly so many paragraphs with an empty line between them, the n-th of which begins with a word, in any case. Where
 * blank paragraphs stand between others, the n-th is counted with them, the total without, as the benchmark does.
 */
export const nthParagraphFirstWord = defineInstruction(
  'length_constraints:nth_paragraph_first_word',
  z
    .strictObject({ num_paragraphs: amount, nth_paragraph: amount, first_word: phrase })
    .refine((kwargs) => kwargs.nth_paragraph <= kwargs.num_paragraphs, {
      path: ['nth_paragraph'],
      message: 'expected one of the paragraphs',
    }),
  ({ num_paragraphs, nth_paragraph, first_word }): Check => {
    const expected = first_word.toLowerCase();
    const firstWord = new RegExp(`^[^${SPACE}]*`, 'u');
    return (response) => {
      const paragraphs = response.split('\n\n').map((paragraph) => strip(paragraph));
      const count = paragraphs.filter((paragraph) => paragraph !== '').length;
      if (count !== num_paragraphs || nth_paragraph > count) return false;
      const word = firstWord.exec(paragraphs[nth_paragraph - 1]!)![0];
      const bare = stripStart(stripStart(word, "'"), '"');
      return bare !== '' && bare.split(PUNCTUATION, 1)[0]!.toLowerCase() === expected;
    };
  },
);
