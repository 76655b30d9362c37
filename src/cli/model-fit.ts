/** Which models fit into a given amount of memory, for training and for scoring. */
import { createDecoder } from '../models/registry.ts';
import { predictPeakMemory, predictScoringMemory } from '../objectives/causal-lm/memory.ts';
import { parameterCount } from '../objectives/causal-lm/plan.ts';

export interface ModelFit {
  readonly name: string;
  readonly parameters: number;
  /** Peak bytes of AdamW training with rows of `trainingBatch`. */
  readonly training: number;
  /** Peak bytes of scoring one row of that length. */
  readonly scoring: number;
  readonly trainable: boolean;
  readonly scorable: boolean;
}

/** What peaks are estimated for. */
export const trainingBatch = { rows: 8, length: 256 } as const;

/** Models of usual proportions; the larger ones have the sizes of SmolLM2 and Llama 3.2. */
const presets = {
  '4M': { hidden: 256, layers: 4, heads: 4, keyValueHeads: 4, intermediate: 688, vocabulary: 4096 },
  '30M': { hidden: 512, layers: 8, heads: 8, keyValueHeads: 8, intermediate: 1376, vocabulary: 8192 },
  '135M': { hidden: 576, layers: 30, heads: 9, keyValueHeads: 3, intermediate: 1536, vocabulary: 49_152 },
  '360M': { hidden: 960, layers: 32, heads: 15, keyValueHeads: 5, intermediate: 2560, vocabulary: 49_152 },
  '1B': { hidden: 2048, layers: 16, heads: 32, keyValueHeads: 8, intermediate: 8192, vocabulary: 128_256 },
} as const;

/** @param available bytes */
export function fitModels(available: number): readonly ModelFit[] {
  return Object.entries(presets).map(([name, preset]) => {
    const decoder = createDecoder({
      model_type: 'llama',
      hidden_size: preset.hidden,
      intermediate_size: preset.intermediate,
      num_hidden_layers: preset.layers,
      num_attention_heads: preset.heads,
      num_key_value_heads: preset.keyValueHeads,
      vocab_size: preset.vocabulary,
      max_position_embeddings: 2048,
      tie_word_embeddings: true,
    });
    const training = predictPeakMemory(decoder, trainingBatch).bytes;
    const scoring = predictScoringMemory(decoder, { rows: 1, length: trainingBatch.length }).bytes;
    const parameters = parameterCount(decoder);
    return { name, parameters, training, scoring, trainable: training <= available, scorable: scoring <= available };
  });
}
