import { z } from 'zod';
import { defineInstruction, noArguments, phrase } from '../instruction.ts';
import { strip } from '../text/python-text.ts';

/** Begins with the request, in any case. */
export const repeatPrompt = defineInstruction(
  'combination:repeat_prompt',
  z.strictObject({ prompt_to_repeat: phrase }),
  ({ prompt_to_repeat }) => {
    const beginning = strip(prompt_to_repeat).toLowerCase();
    return (response) => strip(response).toLowerCase().startsWith(beginning);
  },
);

/** Two different answers with six asterisks between them; asterisks may also stand before the first or after the last. */
export const twoResponses = defineInstruction('combination:two_responses', noArguments, () => (response) => {
  const parts = response.split('******').map((part) => strip(part));
  if (parts.slice(1, -1).includes('')) return false;
  const [first, second, ...more] = parts.filter((part) => part !== '');
  return second !== undefined && more.length === 0 && first !== second;
});
