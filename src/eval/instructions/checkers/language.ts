import { z } from 'zod';
import { defineInstruction } from '../instruction.ts';
import { detectLanguage } from '../text/detect-language.ts';

/** Written in a language. A response without a single letter counts as followed, as in the benchmark. */
export const responseLanguage = defineInstruction(
  'language:response_language',
  z.strictObject({ language: z.string().regex(/^[a-z]{2,3}(-[a-z]{2,4})?$/i, 'expected a language such as "en"') }),
  ({ language }) =>
    (response) => {
      const found = detectLanguage(response);
      return found === undefined || found === language.toLowerCase();
    },
);
