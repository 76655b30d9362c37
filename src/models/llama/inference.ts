/** The Llama family as it generates: the block and head of `model.ts` with projections fused and a cache. */
import type { InferenceGraph, Stream } from '../inference-graph.ts';
import type { LlamaFamilyOptions } from './model.ts';
import { llamaBlockParameterName, llamaNames } from './weights.ts';

export function inferenceBlock(
  graph: InferenceGraph,
  layer: number,
  stream: Stream,
  options: LlamaFamilyOptions,
): Stream {
  const { sizes, biases, epsilon } = options;
  const { hidden, intermediate, heads, keyValueHeads, headSize } = sizes;
  const name = (part: string) => llamaBlockParameterName(layer, part);
  const queries = heads * headSize;
  const keys = keyValueHeads * headSize;

  const before = graph.norm(stream, name('input_layernorm.weight'), epsilon);
  const projected = graph.linear(before.normed, {
    names: ['q_proj', 'k_proj', 'v_proj'].map((part) => name(`self_attn.${part}`)),
    input: hidden,
    outputs: [queries, keys, keys],
    bias: biases.query,
  });
  const mixed = graph.attention(projected, { layer, heads, keyValueHeads, headSize });
  const attended = graph.linear(mixed, {
    names: [name('self_attn.o_proj')],
    input: queries,
    outputs: [hidden],
    bias: biases.output,
  });

  const between = graph.norm({ ...before.stream, branch: attended }, name('post_attention_layernorm.weight'), epsilon);
  const gateAndUp = graph.linear(between.normed, {
    names: [name('mlp.gate_proj'), name('mlp.up_proj')],
    input: hidden,
    outputs: [intermediate, intermediate],
    bias: biases.feedForward,
  });
  const down = graph.linear(graph.gated(gateAndUp, intermediate), {
    names: [name('mlp.down_proj')],
    input: intermediate,
    outputs: [hidden],
    bias: biases.feedForward,
  });
  return { ...between.stream, branch: down };
}

export function inferenceHead(
  graph: InferenceGraph,
  stream: Stream,
  { sizes, tied, epsilon }: LlamaFamilyOptions,
): string {
  const { normed } = graph.norm(stream, llamaNames.finalNorm, epsilon);
  const head = tied ? llamaNames.embedding : llamaNames.head;
  return graph.project(normed, head, [sizes.vocabulary, sizes.hidden]);
}
