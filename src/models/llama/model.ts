/**
 * The Llama family (Touvron et al. 2023): blocks of pre-norm attention with rotary positions and a gated feed-forward
 * layer, each added to the residual stream. Biases take part where the checkpoint has them.
 */
import { attention } from '../../graph/ops/attention.ts';
import { add, mul, silu } from '../../graph/ops/elementwise.ts';
import { rmsNorm } from '../../graph/ops/normalize.ts';
import { rotary } from '../../graph/ops/rotary.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockContext, BlockResult, BlockWeights, Decoder, DecoderSizes } from '../decoder.ts';
import { linear, linearLayer } from '../layers/linear.ts';
import { inverseFrequencies, type RopeScaling, rotaryTables } from '../layers/rope.ts';
import { parseLlamaConfig } from './config.ts';
import { inferenceBlock, inferenceHead } from './inference.ts';
import {
  type LlamaBiases,
  llamaBlockParameterName,
  llamaBlockParameters,
  llamaNames,
  llamaParameters,
} from './weights.ts';

export interface LlamaFamilyOptions {
  readonly modelType: string;
  readonly sizes: DecoderSizes;
  readonly biases: LlamaBiases;
  readonly tied: boolean;
  readonly epsilon: number;
  /** Standard deviation of new weights. */
  readonly deviation: number;
  readonly theta: number;
  readonly scaling: RopeScaling;
}

/** One block: hidden [rows * length, hidden] -> the same shape. */
function block(hidden: Tensor, weights: BlockWeights, context: BlockContext, options: LlamaFamilyOptions): BlockResult {
  const { sizes, epsilon } = options;
  const { rows, length, cos, sin, positions, masks, project: layer = linearLayer } = context;
  const { heads, keyValueHeads, headSize } = sizes;
  const project = (x: Tensor, name: string) => layer(x, name, weights);
  const rotate = (x: Tensor, count: number) =>
    rotary(reshape(x, [rows, length, count * headSize]), { cos, sin, positions, heads: count });

  const attentionInput = rmsNorm(hidden, weights['input_layernorm.weight'], epsilon);
  const query = rotate(project(attentionInput, 'self_attn.q_proj'), heads);
  const key = rotate(project(attentionInput, 'self_attn.k_proj'), keyValueHeads);
  const value = reshape(project(attentionInput, 'self_attn.v_proj'), key.shape);
  const mixed = attention(query, key, value, masks, { heads, keyValueHeads });
  const attentionOutput = reshape(mixed, [rows * length, heads * headSize]);
  const middle = add(hidden, project(attentionOutput, 'self_attn.o_proj'));

  const feedForwardInput = rmsNorm(middle, weights['post_attention_layernorm.weight'], epsilon);
  const gate = project(feedForwardInput, 'mlp.gate_proj');
  const up = project(feedForwardInput, 'mlp.up_proj');
  const output = add(middle, project(mul(silu(gate), up), 'mlp.down_proj'));
  return { output, keep: { query, key, value, mixed, middle, gate, up } };
}

export function llamaFamily(options: LlamaFamilyOptions): Decoder {
  const { modelType, sizes, tied, epsilon, deviation } = options;
  const blockParameters = llamaBlockParameters(sizes, options.biases);
  const frequencies = inverseFrequencies(sizes.headSize, options.theta, options.scaling);
  return {
    modelType,
    sizes,
    tied,
    blockParameters,
    parameters: llamaParameters(sizes, blockParameters, { deviation, tied }),
    names: { ...llamaNames, head: tied ? llamaNames.embedding : llamaNames.head },
    blockParameterName: llamaBlockParameterName,
    block: (hidden, weights, context) => block(hidden, weights, context, options),
    inferenceBlock: (graph, layer, stream) => inferenceBlock(graph, layer, stream, options),
    inferenceHead: (graph, stream) => inferenceHead(graph, stream, options),
    head: (hidden, finalNorm, head) => linear(rmsNorm(hidden, finalNorm, epsilon), head),
    rotaryTables: (count) => rotaryTables(frequencies, count),
  };
}

export const llama = (config: unknown): Decoder => llamaFamily(parseLlamaConfig(config));
