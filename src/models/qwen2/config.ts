/** `config.json` of Qwen2 and Qwen2.5: the Llama block with biases on query, key and value. */
import { z } from 'zod';
import { decoderFields, decoderSettings, parseConfig } from '../config.ts';
import type { LlamaFamilyOptions } from '../llama/model.ts';

const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('qwen2'),
  head_dim: z.int().positive().nullish(),
  rope_theta: z.number().positive().optional(),
  /** Windows are switched off in every released checkpoint; the two sizes then have no effect. */
  use_sliding_window: z.literal(false).optional(),
  sliding_window: z.int().nullish(),
  max_window_layers: z.int().optional(),
  layer_types: z.array(z.literal('full_attention')).optional(),
  use_mrope: z.literal(false).optional(),
});

/** @throws UsageError naming the field that is missing, wrong or unknown. */
export function parseQwen2Config(json: unknown): LlamaFamilyOptions {
  return { ...decoderSettings(parseConfig(schema, json)), biases: { query: true, output: false, feedForward: false } };
}
