/** The names that most checkpoints use, after Llama's, and names made of others. */
import type { BlockNames, DecoderNames } from './description.ts';

export const usualNames = {
  embedding: 'model.embed_tokens.weight',
  finalNorm: 'model.norm',
  head: 'lm_head.weight',
  layers: 'model.layers',
  block: {
    attentionNorm: 'input_layernorm',
    projections: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
    output: 'self_attn.o_proj',
    feedForwardNorm: 'post_attention_layernorm',
    feedForward: ['mlp.gate_proj', 'mlp.up_proj'],
    down: 'mlp.down_proj',
  },
} as const satisfies DecoderNames;

/** The checkpoint's name of a block parameter. */
export const blockParameterName =
  ({ layers }: Pick<DecoderNames, 'layers'>) =>
  (layer: number, name: string): string =>
    `${layers}.${layer}.${name}`;

export type FeedForwardNames = Pick<BlockNames, 'feedForward' | 'down'>;

/** The feed-forward layer of an expert. */
function expertNames({ experts, feedForward, down }: BlockNames, index: number): FeedForwardNames {
  const inExpert = (name: string) => `${experts}.${index}.${name}`;
  const [first, second] = feedForward.map(inExpert);
  return { feedForward: second === undefined ? [first] : [first, second], down: inExpert(down) };
}

/** The experts of a block, by their numbers. */
export const everyExpert = (block: BlockNames, count: number): FeedForwardNames[] =>
  Array.from({ length: count }, (_, index) => expertNames(block, index));

/** What a projection of all experts is called together, see `GroupedLayers`. */
export const groupedName = ({ experts }: BlockNames, projection: string): string => `${experts}.${projection}`;

/** The same of one expert's layer, by its name in the block; undefined for layers outside the experts. */
export function groupedNameOf(block: BlockNames, layer: string): string | undefined {
  const [number, ...projection] = layer.slice(`${block.experts}.`.length).split('.');
  const name = projection.join('.');
  return layer === `${block.experts}.${number}.${name}` ? groupedName(block, name) : undefined;
}
