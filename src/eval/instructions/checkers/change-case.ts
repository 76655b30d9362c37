import { z } from 'zod';
import { amount, type Check, defineInstruction, holds, noArguments, relation } from '../instruction.ts';
import { countCapitalWords } from '../text/count-capital-words.ts';
import { detectLanguage } from '../text/detect-language.ts';
import { isLower, isUpper } from '../text/python-text.ts';

export const englishCapital = defineInstruction(
  'change_case:english_capital',
  noArguments,
  () => (response) => isUpper(response) && detectLanguage(response) === 'en',
);

export const englishLowercase = defineInstruction(
  'change_case:english_lowercase',
  noArguments,
  () => (response) => isLower(response) && detectLanguage(response) === 'en',
);

export const capitalWordFrequency = defineInstruction(
  'change_case:capital_word_frequency',
  z.strictObject({ capital_frequency: amount, capital_relation: relation }),
  ({ capital_frequency, capital_relation }): Check =>
    (response) =>
      holds(countCapitalWords(response), capital_relation, capital_frequency),
);
