/** `config.json` of an ONNX folder. */
import type { JsonObject } from '../../files/json-file.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';

/**
 * What transformers.js (4.3) has no class for, and one of its classes that asks the graph for the same inputs. It reads
 * no more of the architecture than how many layers have a cache: what is computed is in the graph.
 */
const namesake: Readonly<Record<string, string>> = { mixtral: 'mistral', qwen: 'qwen2' };

export function transformersJsConfig(
  config: JsonObject,
  { modelType, sizes }: DecoderDescription,
): { readonly config: JsonObject; readonly notes: readonly string[] } {
  const known = namesake[modelType];
  if (known === undefined) return { config, notes: [] };
  const { auto_map: _, architectures: __, ...fields } = config;
  return {
    config: {
      ...fields,
      model_type: known,
      num_hidden_layers: sizes.layers,
      num_attention_heads: sizes.heads,
      num_key_value_heads: sizes.keyValueHeads,
      head_dim: sizes.headSize,
    },
    notes: [
      `transformers.js has no class for "${modelType}": config.json says "${known}", which has the same inputs and outputs. The folder is no checkpoint of that architecture.`,
    ],
  };
}
