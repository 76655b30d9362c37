/** Which models fit into a given amount of memory, for training and for scoring. */
import type { Decoder } from '../models/decoder.ts';
import { createDecoder } from '../models/registry.ts';
import { elementCount } from '../tensor/element-type.ts';

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
    const training = estimatePeakMemory(decoder, trainingBatch, 'training');
    const scoring = estimatePeakMemory(decoder, { rows: 1, length: trainingBatch.length }, 'scoring');
    const parameters = countParameters(decoder);
    return { name, parameters, training, scoring, trainable: training <= available, scorable: scoring <= available };
  });
}

const countParameters = ({ parameters }: Decoder): number =>
  parameters.reduce((sum, { shape }) => sum + elementCount(shape)!, 0);

interface Batch {
  readonly rows: number;
  readonly length: number;
}

/** The process itself and the runtime's code. */
const processBytes = 150 * 2 ** 20;

/** Logits of a chunk of rows and what is computed from them. */
const headBytes = 3 * 64 * 2 ** 20;

/**
 * Float32 arrays of the weights (with gradients and two moments in training), the values kept for the backward pass of
 * every layer, what one layer computes meanwhile, and a chunk of logits.
 */
function estimatePeakMemory(decoder: Decoder, { rows, length }: Batch, purpose: 'training' | 'scoring'): number {
  const { hidden, intermediate, layers, heads, keyValueHeads, headSize } = decoder.sizes;
  const tokens = rows * length;
  const arrays = purpose === 'training' ? 4 : 1;
  const keptPerToken = 2 * hidden + 2 * heads * headSize + 2 * keyValueHeads * headSize + 2 * intermediate;
  const workPerToken = keptPerToken + 2 * heads * length;
  const kept = purpose === 'training' ? layers * keptPerToken : 2 * hidden;
  const floats = arrays * countParameters(decoder) + tokens * (kept + 2 * workPerToken);
  return 4 * floats + headBytes + processBytes;
}
