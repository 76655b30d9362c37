/** Parameters of the Llama family under their Hugging Face names. */
import type { Shape } from '../../graph/tensor.ts';
import type { DecoderSizes, ParameterSpec } from '../decoder.ts';

export interface LlamaBiases {
  readonly query: boolean;
  readonly output: boolean;
  readonly feedForward: boolean;
}

export function llamaBlockParameters(sizes: DecoderSizes, biases: LlamaBiases): Record<string, Shape> {
  const { hidden, intermediate, heads, keyValueHeads, headSize } = sizes;
  const queries = heads * headSize;
  const keys = keyValueHeads * headSize;
  const projection = (name: string, out: number, input: number, bias: boolean): [string, Shape][] => [
    [`${name}.weight`, [out, input]],
    ...(bias ? [[`${name}.bias`, [out]] satisfies [string, Shape]] : []),
  ];
  return Object.fromEntries<Shape>([
    ['input_layernorm.weight', [hidden]],
    ...projection('self_attn.q_proj', queries, hidden, biases.query),
    ...projection('self_attn.k_proj', keys, hidden, biases.query),
    ...projection('self_attn.v_proj', keys, hidden, biases.query),
    ...projection('self_attn.o_proj', hidden, queries, biases.output),
    ['post_attention_layernorm.weight', [hidden]],
    ...projection('mlp.gate_proj', intermediate, hidden, biases.feedForward),
    ...projection('mlp.up_proj', intermediate, hidden, biases.feedForward),
    ...projection('mlp.down_proj', hidden, intermediate, biases.feedForward),
  ]);
}

export const llamaNames = {
  embedding: 'model.embed_tokens.weight',
  finalNorm: 'model.norm.weight',
  head: 'lm_head.weight',
} as const;

export const llamaBlockParameterName = (layer: number, name: string): string => `model.layers.${layer}.${name}`;

/**
 * Every parameter in checkpoint order. New weights are normal with the configured deviation; the two projections that
 * write to the residual stream get it divided by sqrt(2 layers), as in GPT-2 (Radford et al. 2019), so that the stream's
 * variance does not grow with depth.
 */
export function llamaParameters(
  sizes: DecoderSizes,
  block: Readonly<Record<string, Shape>>,
  { deviation, tied }: { deviation: number; tied: boolean },
): ParameterSpec[] {
  const { hidden, layers, vocabulary } = sizes;
  const normal = { normal: deviation };
  const residual = { normal: deviation / Math.sqrt(2 * layers) };
  const blockInitialization = (name: string) => {
    if (name.endsWith('layernorm.weight')) return { constant: 1 };
    if (name.endsWith('.bias')) return { constant: 0 };
    return /o_proj|down_proj/.test(name) ? residual : normal;
  };
  return [
    { name: llamaNames.embedding, shape: [vocabulary, hidden], initialization: normal },
    ...Array.from({ length: layers }, (_, layer) =>
      Object.entries(block).map(([name, shape]) => ({
        name: llamaBlockParameterName(layer, name),
        shape,
        initialization: blockInitialization(name),
      })),
    ).flat(),
    { name: llamaNames.finalNorm, shape: [hidden], initialization: { constant: 1 } },
    ...(tied ? [] : [{ name: llamaNames.head, shape: [vocabulary, hidden], initialization: normal }]),
  ];
}
