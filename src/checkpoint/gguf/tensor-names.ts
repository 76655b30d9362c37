/** What tensors are called in Hugging Face checkpoints and in GGUF files: the parts of a decoder under either name. */

import type { BlockNames, DecoderDescription } from '../../models/transformer/description.ts';
import { blockParameterName } from '../../models/transformer/names.ts';

/** Parts of a block, without `.weight` and `.bias`. */
function insideBlocks(block: BlockNames): readonly (readonly [huggingFace: string | undefined, gguf: string])[] {
  const ofAttention = block.projections.length === 1 ? ['attn_qkv'] : ['attn_q', 'attn_k', 'attn_v'];
  const ofFeedForward = block.feedForward.length === 1 ? ['ffn_up'] : ['ffn_gate', 'ffn_up'];
  return [
    [block.attentionNorm, 'attn_norm'],
    ...block.projections.map((name, i) => [name, ofAttention[i]] as const),
    [block.queryNorm, 'attn_q_norm'],
    [block.keyNorm, 'attn_k_norm'],
    [block.output, 'attn_output'],
    [block.attentionOutputNorm, 'post_attention_norm'],
    [block.feedForwardNorm, 'ffn_norm'],
    ...block.feedForward.map((name, i) => [name, ofFeedForward[i]] as const),
    [block.down, 'ffn_down'],
    [block.feedForwardOutputNorm, 'post_ffw_norm'],
  ];
}

/** Both directions for one model: whole names, with `.weight` or `.bias`; undefined for one without a counterpart. */
export interface TensorNames {
  toGguf(name: string): string | undefined;
  toHuggingFace(name: string): string | undefined;
}

export function tensorNames({ names }: Pick<DecoderDescription, 'names'>): TensorNames {
  const withoutEnding = (name: string) => name.replace(/\.weight$/, '');
  const outside: [string, string][] = [
    [withoutEnding(names.embedding), 'token_embd'],
    ...(names.positions === undefined ? [] : [[withoutEnding(names.positions), 'position_embd'] as [string, string]]),
    [names.finalNorm, 'output_norm'],
    [withoutEnding(names.head), 'output'],
  ];
  const inside = insideBlocks(names.block).flatMap(([name, gguf]): [string, string][] =>
    name === undefined ? [] : [[name, gguf]],
  );
  const reversed = (pairs: readonly (readonly [string, string])[]) => new Map(pairs.map(([a, b]) => [b, a]));
  const translate = (
    { layer, base, kind }: SplitName,
    pairs: { readonly outside: ReadonlyMap<string, string>; readonly inside: ReadonlyMap<string, string> },
    nameOf: (layer: number, part: string) => string,
  ) => {
    const found = (layer === undefined ? pairs.outside : pairs.inside).get(base);
    if (found === undefined) return undefined;
    return `${layer === undefined ? found : nameOf(layer, found)}.${kind}`;
  };
  const forwards = { outside: new Map(outside), inside: new Map(inside) };
  const backwards = { outside: reversed(outside), inside: reversed(inside) };
  const inHuggingFace = blockParameterName(names);
  return {
    toGguf: (name) => translate(split(name, names.layers), forwards, (layer, part) => `blk.${layer}.${part}`),
    toHuggingFace: (name) => translate(split(name, 'blk'), backwards, inHuggingFace),
  };
}

interface SplitName {
  readonly layer: number | undefined;
  readonly base: string;
  readonly kind: string;
}

/** `<layers>.3.<base>.weight` or `<base>.weight` */
function split(name: string, layers: string): SplitName {
  const within = name.startsWith(`${layers}.`) ? /^(\d+)\.(.+)$/.exec(name.slice(layers.length + 1)) : null;
  const [, base, kind] = /^(.+)\.(weight|bias)$/.exec(within ? within[2] : name) ?? ['', '', ''];
  return { layer: within ? Number(within[1]) : undefined, base, kind };
}

/** Whose rows depend on how rotary pairs are laid out; says whose heads they are. */
export function rotaryRows(name: string): 'heads' | 'keyValueHeads' | undefined {
  if (/\.self_attn\.q_proj\.(weight|bias)$/.test(name)) return 'heads';
  return /\.self_attn\.k_proj\.(weight|bias)$/.test(name) ? 'keyValueHeads' : undefined;
}
