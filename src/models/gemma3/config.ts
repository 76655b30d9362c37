/** `config.json` of the text models of Gemma 3. */
import { z } from 'zod';
import { positive, rotaryBase, size } from '../config-numbers.ts';
import { gemmaFields } from '../gemma2/config.ts';
import { ropeFields } from '../rope-fields.ts';

/** In the newer spelling each kind of layers has its own. */
const rope = ropeFields.rope_parameters;

export const schema = z.strictObject({
  ...gemmaFields,
  model_type: z.literal('gemma3_text'),
  rope_theta: rotaryBase.default(1_000_000),
  rope_local_base_freq: rotaryBase.default(10_000),
  rope_parameters: z.strictObject({ full_attention: rope, sliding_attention: rope }).nullish(),
  /** Each so-manieth layer has no window. */
  sliding_window_pattern: size.optional(),
  _sliding_window_pattern: size.optional(),
  attn_logit_softcapping: z.null().optional(),
  final_logit_softcapping: positive.nullish(),
});
