/**
 * Gemma 2 (Gemma Team 2024, section 2): norms on both sides of each part, every other layer with a window, soft caps on
 * scores and logits, embeddings scaled by the root of their width.
 */
import type { z } from 'zod';
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings, kindsOfLayers } from '../config.ts';
import { type gemmaFields, schema } from './config.ts';
import { names } from './weights.ts';

/** What Gemma 2 and 3 share. */
export function gemmaSettings(
  config: Omit<z.infer<z.ZodObject<typeof gemmaFields>>, 'rope_parameters'> & { readonly model_type: string },
) {
  const { attention_bias: attention } = config;
  return {
    ...decoderSettings(config),
    names,
    norm: { kind: 'rms-offset', epsilon: config.rms_norm_eps },
    activation: 'gelu-tanh',
    biases: { query: attention, output: attention, feedForward: false },
    embeddingScale: Math.sqrt(config.hidden_size),
    attentionScale: config.query_pre_attn_scalar ** -0.5,
  } as const;
}

export const gemma2 = defineArchitecture({
  className: 'Gemma2ForCausalLM',
  schema,
  describe(config) {
    const settings = gemmaSettings(config);
    const [full] = settings.layerKinds;
    return {
      ...settings,
      layerKinds: [full, { ...full, window: config.sliding_window }],
      kindOfLayer: kindsOfLayers(config, (layer) => layer % 2 === 1),
      attentionCap: config.attn_logit_softcapping ?? undefined,
      logitCap: config.final_logit_softcapping ?? undefined,
    };
  },
});
