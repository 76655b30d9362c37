/**
 * Phi-3 and Phi-4 (Abdin et al. 2024): the Llama block with fused projections. The mini models rotate a part of each head
 * and stretch their context with two lists of divisors (long-rope).
 */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const phi3 = defineArchitecture({
  className: 'Phi3ForCausalLM',
  schema,
  describe({ sliding_window: window, ...config }) {
    const settings = decoderSettings(config);
    const [kind] = settings.layerKinds;
    return { ...settings, names, layerKinds: [{ ...kind, window: window ?? undefined }] };
  },
});
