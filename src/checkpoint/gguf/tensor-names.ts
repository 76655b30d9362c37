/** What tensors are called in Hugging Face checkpoints and in GGUF files: the parts of a model under either name. */
import type { EncoderDecoderDescription, StackNames } from '../../models/encoder-decoder/description.ts';
import type { BlockNames, DecoderDescription, EncoderDescription } from '../../models/transformer/description.ts';
import { everyExpert, type FeedForwardNames } from '../../models/transformer/names.ts';
import { expertPart } from './expert-stacks.ts';

/** Both directions for one model: whole names, with `.weight` or `.bias`; undefined for one without a counterpart. */
export interface TensorNames {
  toGguf(name: string): string | undefined;
  toHuggingFace(name: string): string | undefined;
}

/** A part under both names, without `.weight` and `.bias`; one that the model does not have has no first name. */
type Part = readonly [huggingFace: string | undefined, gguf: string];

/** Blocks one after the other: under what they have their numbers, and their parts. */
interface BlocksOfNames {
  readonly layers: readonly [huggingFace: string, gguf: string];
  readonly parts: readonly Part[];
}

const withoutEnding = (name: string | undefined) => name?.replace(/\.weight$/, '');

export function decoderTensorNames({ names, experts }: Pick<DecoderDescription, 'names' | 'experts'>): TensorNames {
  const outside: readonly Part[] = [
    [withoutEnding(names.embedding), 'token_embd'],
    [withoutEnding(names.positions), 'position_embd'],
    [names.finalNorm, 'output_norm'],
    [withoutEnding(names.head), 'output'],
  ];
  return tensorNames(outside, [
    { layers: [names.layers, 'blk'], parts: transformerParts(names.block, experts?.count) },
  ]);
}

export function encoderTensorNames({ names }: Pick<EncoderDescription, 'names'>): TensorNames {
  const outside: readonly Part[] = [
    [withoutEnding(names.embedding), 'token_embd'],
    [withoutEnding(names.positions), 'position_embd'],
    [withoutEnding(names.tokenTypes), 'token_types'],
    [names.embeddingNorm, 'token_embd_norm'],
  ];
  return tensorNames(outside, [{ layers: [names.layers, 'blk'], parts: transformerParts(names.block) }]);
}

export function encoderDecoderTensorNames({ names }: Pick<EncoderDecoderDescription, 'names'>): TensorNames {
  const { encoder, decoder } = names;
  const outside: readonly Part[] = [
    [names.embedding, 'token_embd'],
    [encoder.finalNorm, 'enc.output_norm'],
    [decoder.finalNorm, 'dec.output_norm'],
    [names.head, 'output'],
  ];
  return tensorNames(outside, [
    { layers: [encoder.layers, 'enc.blk'], parts: stackParts(encoder) },
    { layers: [decoder.layers, 'dec.blk'], parts: stackParts(decoder) },
  ]);
}

/** @param experts how many the feed-forward names are those of; undefined where they are the block's own */
function transformerParts(block: BlockNames, experts?: number): readonly Part[] {
  const ofAttention = block.projections.length === 1 ? ['attn_qkv'] : ['attn_q', 'attn_k', 'attn_v'];
  return [
    [block.attentionNorm, 'attn_norm'],
    ...block.projections.map((name, i) => [name, ofAttention[i]] as const),
    [block.queryNorm, 'attn_q_norm'],
    [block.keyNorm, 'attn_k_norm'],
    [block.output, 'attn_output'],
    [block.attentionOutputNorm, 'post_attention_norm'],
    [block.attentionSumNorm, 'attn_output_norm'],
    [block.feedForwardNorm, 'ffn_norm'],
    ...(experts === undefined ? feedForwardParts(block) : expertParts(block, experts)),
    [block.feedForwardOutputNorm, 'post_ffw_norm'],
    [block.feedForwardSumNorm, 'layer_output_norm'],
  ];
}

function feedForwardParts({ feedForward, down }: FeedForwardNames): readonly Part[] {
  const inFile = feedForward.length === 1 ? ['ffn_up'] : ['ffn_gate', 'ffn_up'];
  return [...feedForward.map((name, i) => [name, inFile[i]] as const), [down, 'ffn_down']];
}

/** One by one, see `expert-stacks.ts`. */
const expertParts = (block: BlockNames, experts: number): readonly Part[] => [
  [block.router, 'ffn_gate_inp'],
  ...everyExpert(block, experts).flatMap((expert, i) =>
    feedForwardParts(expert).map(([name, inFile]) => [name, expertPart(inFile, i)] as const),
  ),
];

/** The table of position biases is a part of the first block. */
function stackParts(names: StackNames): readonly Part[] {
  const { self, cross } = names;
  return [
    [names.positions.slice(`${names.layers}.0.`.length), 'attn_rel_b'],
    [self.norm, 'attn_norm'],
    [self.query, 'attn_q'],
    [self.key, 'attn_k'],
    [self.value, 'attn_v'],
    [self.output, 'attn_o'],
    [cross?.norm, 'cross_attn_norm'],
    [cross?.query, 'cross_attn_q'],
    [cross?.key, 'cross_attn_k'],
    [cross?.value, 'cross_attn_v'],
    [cross?.output, 'cross_attn_o'],
    [names.feedForwardNorm, 'ffn_norm'],
    ...feedForwardParts(names),
  ];
}

function tensorNames(outside: readonly Part[], blocks: readonly BlocksOfNames[]): TensorNames {
  /** @param from index of the names that are given */
  const translator = (from: 0 | 1): ((name: string) => string | undefined) => {
    const to = from === 0 ? 1 : 0;
    const table = (parts: readonly Part[]): ReadonlyMap<string | undefined, string | undefined> =>
      new Map(parts.flatMap((part) => (part[0] === undefined ? [] : [[part[from], part[to]]])));
    const whole = table(outside);
    const stacks = blocks.map(({ layers, parts }) => ({ from: layers[from], to: layers[to], parts: table(parts) }));
    return (name) => {
      const [, base, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
      if (base === undefined) return undefined;
      for (const stack of stacks) {
        if (!base.startsWith(`${stack.from}.`)) continue;
        const [, layer, inside] = /^(0|[1-9]\d*)\.(.+)$/.exec(base.slice(stack.from.length + 1)) ?? [];
        const part = stack.parts.get(inside);
        if (part !== undefined) return `${stack.to}.${layer}.${part}.${kind}`;
      }
      const found = whole.get(base);
      return found === undefined ? undefined : `${found}.${kind}`;
    };
  };
  return { toGguf: translator(0), toHuggingFace: translator(1) };
}

/** Whose rows depend on how rotary pairs are laid out; says whose heads they are. */
export function rotaryRows(name: string): 'heads' | 'keyValueHeads' | undefined {
  if (/\.self_attn\.q_proj\.(weight|bias)$/.test(name)) return 'heads';
  return /\.self_attn\.k_proj\.(weight|bias)$/.test(name) ? 'keyValueHeads' : undefined;
}
