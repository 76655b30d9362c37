/** What a run starts from. */
import { z } from 'zod';
import { RESERVED_TOKENS } from '../../tokenizer/train/reserved-tokens.ts';
import { count, path, setNames } from './fields.ts';

/** Every byte is a token of its own beside the reserved ones, so that any text can be written. */
const MIN_VOCAB_SIZE = RESERVED_TOKENS.length + 256;

const trainTokenizer = z.strictObject({
  on: setNames.describe('Data sets whose training documents the tokenizer learns from.'),
  vocab_size: count(2 ** 20)
    .min(MIN_VOCAB_SIZE)
    .default(4096)
    .describe('Tokens in all, single bytes and reserved tokens included.'),
  min_frequency: count(2 ** 31)
    .default(2)
    .describe('How often a pair must occur to become a token.'),
  digits: z
    .union([z.literal(1), z.literal(3)])
    .default(1)
    .describe('Digits that a token holds at most; with 3, numbers are short and easy to copy.'),
});

const init = z.strictObject({
  config: z
    .looseObject({ model_type: z.string().min(1).max(64).describe('Architecture, such as llama or qwen2.') })
    .describe('The config.json of the new model, in the terms of Hugging Face.'),
  induction_heads: z
    .boolean()
    .default(false)
    .describe(
      'Begin with heads that find what followed a token before; small models then copy after a million tokens.',
    ),
  tokenizer: z
    .union([
      z.strictObject({ train: trainTokenizer.describe('Train a byte-level BPE tokenizer.') }),
      z.strictObject({ from: path.describe('Hugging Face folder with a tokenizer, relative to the recipe file.') }),
    ])
    .describe('The tokenizer of the new model: trained here, or taken from a folder.'),
});

export const base = z.union([
  z.strictObject({
    checkpoint: path.describe('Hugging Face folder, relative to the recipe file; or the hub id of a model.'),
  }),
  z.strictObject({ init: init.describe('A new model with random weights.') }),
]);
