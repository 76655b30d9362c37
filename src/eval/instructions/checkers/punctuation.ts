import { defineInstruction, noArguments } from '../instruction.ts';

export const noComma = defineInstruction(
  'punctuation:no_comma',
  noArguments,
  () => (response) => !response.includes(','),
);
