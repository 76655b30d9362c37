/** `config.json` of Mistral 7B and its successors. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('mistral'),
  head_dim: size.nullish(),
  /** Version 0.1 has 4,096, later ones null. A configuration without the field means 4,096. */
  sliding_window: size.nullable().default(4096),
});
