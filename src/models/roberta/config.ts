/** `config.json` of RoBERTa and of XLM-RoBERTa. */
import { z } from 'zod';
import { bertFields } from '../bert/config.ts';

export const schema = z.strictObject({
  ...bertFields,
  model_type: z.enum(['roberta', 'xlm-roberta']),
  /** Positions are counted from behind it. */
  pad_token_id: z
    .int()
    .nonnegative()
    .max(1 << 16)
    .default(1),
});
