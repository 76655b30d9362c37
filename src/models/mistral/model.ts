/** Mistral 7B (Jiang et al. 2023): the Llama block, where version 0.1 lets a query see a window of the last keys only. */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const mistral = defineArchitecture({
  className: 'MistralForCausalLM',
  schema,
  describe({ sliding_window: window, ...config }) {
    const settings = decoderSettings(config);
    const [kind] = settings.layerKinds;
    return { ...settings, names, layerKinds: [{ ...kind, window: window ?? undefined }] };
  },
});
