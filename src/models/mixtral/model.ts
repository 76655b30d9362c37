/** Mixtral (Jiang et al. 2024): Mistral's block with a sparse mixture of experts as its feed-forward layer. */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const mixtral = defineArchitecture({
  className: 'MixtralForCausalLM',
  schema,
  describe({ sliding_window: window, ...config }) {
    const settings = decoderSettings(config);
    const [kind] = settings.layerKinds;
    return {
      ...settings,
      names,
      layerKinds: [{ ...kind, window: window ?? undefined }],
      experts: { count: config.num_local_experts, perToken: config.num_experts_per_tok },
    };
  },
});
