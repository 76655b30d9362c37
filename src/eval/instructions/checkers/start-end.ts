import { z } from 'zod';
import { defineInstruction, noArguments, phrase } from '../instruction.ts';
import { strip } from '../text/python-text.ts';

/** Ends with a phrase, in any case; quotation marks around the whole response do not count. */
export const endChecker = defineInstruction(
  'startend:end_checker',
  z.strictObject({ end_phrase: phrase }),
  ({ end_phrase }) => {
    const ending = strip(end_phrase).toLowerCase();
    return (response) =>
      strip(strip(response), (character) => character === '"')
        .toLowerCase()
        .endsWith(ending);
  },
);

export const quotation = defineInstruction('startend:quotation', noArguments, () => (response) => {
  const text = strip(response);
  return text.length > 1 && text.startsWith('"') && text.endsWith('"');
});
