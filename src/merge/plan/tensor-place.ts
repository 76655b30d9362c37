/** Where a tensor stands in a transformer, read off its name. */
import type { OutsideGroup } from '../recipe/merge-recipe.ts';

export interface LayerPlace {
  /** `model.layers.` */
  readonly prefix: string;
  readonly layer: number;
  /** `.self_attn.q_proj.weight` */
  readonly suffix: string;
}

/** The place in a stack of layers; undefined for a tensor outside. */
export function layerPlace(name: string): LayerPlace | undefined {
  const match = /^((?:.*?\.)?(?:layers|h|blocks|block)\.)(\d{1,6})(\..+)$/.exec(name);
  return match === null ? undefined : { prefix: match[1], layer: Number(match[2]), suffix: match[3] };
}

/** Tensors outside the layers: before them, or behind. */
export function outsideGroup(name: string): OutsideGroup {
  if (/(^|\.)(lm_head|embed_out|output)\.(weight|bias)$/.test(name)) return 'lm_head';
  return /(^|\.)(norm|ln_f|final_layer_norm|final_layernorm|ln_final)\.(weight|bias)$/.test(name) ? 'norm' : 'embed';
}

/** A table with a row for each token, whose sizes may differ between models. */
export function isVocabularyTable(name: string): boolean {
  return /(^shared|(^|\.)(embed_tokens|wte|word_embeddings|embed_in|lm_head|embed_out))\.weight$/.test(name);
}

/** Name of the table that token ids are looked up in, which GPT-2 and checkpoints without a head call otherwise than Llama. */
export function inputTable(names: Iterable<string>): string {
  const isInput = (name: string): boolean => isVocabularyTable(name) && outsideGroup(name) === 'embed';
  return [...names].find(isInput) ?? 'model.embed_tokens.weight';
}

/** Buffers that old checkpoints hold and that follow from the configuration. */
export function isDerivedBuffer(name: string): boolean {
  return /\.(rotary_emb\.inv_freq|attn\.masked_bias|attention\.masked_bias|rotary_emb\.(cos|sin)_cached)$/.test(name);
}
