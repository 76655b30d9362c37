/** Parameters of T5 under their Hugging Face names. */
import type { AttentionNames, StackNames } from '../encoder-decoder/description.ts';

const attention = (layer: number, name: string): AttentionNames => {
  const inside = `layer.${layer}.${name}`;
  return {
    norm: `layer.${layer}.layer_norm`,
    query: `${inside}.q`,
    key: `${inside}.k`,
    value: `${inside}.v`,
    output: `${inside}.o`,
  };
};

function stack(side: 'encoder' | 'decoder', gated: boolean): StackNames {
  const last = side === 'encoder' ? 1 : 2;
  const inLast = (name: string) => `layer.${last}.DenseReluDense.${name}`;
  return {
    layers: `${side}.block`,
    positions: `${side}.block.0.layer.0.SelfAttention.relative_attention_bias`,
    finalNorm: `${side}.final_layer_norm`,
    self: attention(0, 'SelfAttention'),
    ...(side === 'decoder' && { cross: attention(1, 'EncDecAttention') }),
    feedForwardNorm: `layer.${last}.layer_norm`,
    feedForward: gated ? [inLast('wi_0'), inLast('wi_1')] : [inLast('wi')],
    down: inLast('wo'),
  };
}

export const names = (gated: boolean) =>
  ({
    embedding: 'shared',
    embeddingAliases: ['encoder.embed_tokens', 'decoder.embed_tokens'],
    head: 'lm_head',
    encoder: stack('encoder', gated),
    decoder: stack('decoder', gated),
  }) as const;

/** Attention to the encoder has no positions; the first version was published with a table for them all the same. */
export const beside = /^decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight$/;
