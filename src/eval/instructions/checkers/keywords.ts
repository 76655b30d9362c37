import { z } from 'zod';
import { amount, type Check, defineInstruction, holds, phrase, relation } from '../instruction.ts';
import { countMatches, literally, strip, WORD } from '../text/python-text.ts';

const keyword = phrase.max(1_000);
const keywords = z.array(keyword).min(1).max(100);

/** All of these words, in any case, also as parts of others. */
export const existence = defineInstruction(
  'keywords:existence',
  z.strictObject({ keywords }),
  ({ keywords }): Check => {
    const patterns = keywords.map((word) => new RegExp(literally(word), 'iu'));
    return (response) => patterns.every((pattern) => pattern.test(response));
  },
);

/** A word so often, in any case, also as part of others. */
export const frequency = defineInstruction(
  'keywords:frequency',
  z.strictObject({ keyword, frequency: amount, relation }),
  (kwargs): Check => {
    const pattern = new RegExp(literally(strip(kwargs.keyword)), 'giu');
    return (response) => holds(countMatches(response, pattern), kwargs.relation, kwargs.frequency);
  },
);

/** None of these words, in any case; as parts of others they are allowed. */
export const forbiddenWords = defineInstruction(
  'keywords:forbidden_words',
  z.strictObject({ forbidden_words: keywords }),
  ({ forbidden_words }): Check => {
    // The border of a word, for a neighbour that is known.
    const isLetter = (character: string | undefined) => new RegExp(`[${WORD}]`, 'u').test(character ?? '');
    const patterns = forbidden_words.map((word) => {
      const [first, last] = [[...word][0], [...word].at(-1)];
      const before = `(?<${isLetter(first) ? '!' : '='}[${WORD}])`;
      const behind = `(?${isLetter(last) ? '!' : '='}[${WORD}])`;
      return new RegExp(before + literally(word) + behind, 'iu');
    });
    return (response) => !patterns.some((pattern) => pattern.test(response));
  },
);

/** A character so often, in any case. */
export const letterFrequency = defineInstruction(
  'keywords:letter_frequency',
  z.strictObject({
    letter: z.string().refine((letter) => [...letter].length === 1, 'expected one character'),
    let_frequency: amount,
    let_relation: relation,
  }),
  ({ letter, let_frequency, let_relation }): Check => {
    const pattern = new RegExp(literally(letter.toLowerCase()), 'gu');
    return (response) => holds(countMatches(response.toLowerCase(), pattern), let_relation, let_frequency);
  },
);
