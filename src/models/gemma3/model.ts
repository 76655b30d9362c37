/**
 * The text models of Gemma 3 (Gemma Team 2025, section 2): Gemma 2 with norms of query and key in place of the cap on
 * scores, five layers with a window for each one without, and another base of rotary angles inside the windows.
 */
import { defineArchitecture } from '../architecture.ts';
import { kindsOfLayers } from '../config.ts';
import { gemmaSettings } from '../gemma2/model.ts';
import { readRope } from '../rope-fields.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const gemma3 = defineArchitecture({
  className: 'Gemma3ForCausalLM',
  schema,
  describe({ rope_parameters: ropes, rope_scaling, ...config }) {
    const settings = gemmaSettings(config);
    const model = settings.sizes;
    const full = { rope_theta: config.rope_theta, rope_scaling, rope_parameters: ropes?.full_attention };
    const local = { rope_theta: config.rope_local_base_freq, rope_parameters: ropes?.sliding_attention };
    const pattern = config.sliding_window_pattern ?? config._sliding_window_pattern ?? 6;
    return {
      ...settings,
      names,
      layerKinds: [{ rope: readRope(full, model) }, { rope: readRope(local, model), window: config.sliding_window }],
      kindOfLayer: kindsOfLayers(config, (layer) => (layer + 1) % pattern === 0),
      logitCap: config.final_logit_softcapping ?? undefined,
    };
  },
});
