/** Where in a model a tensor stands: its layer, and what it does there. Read off its Hugging Face name. */

export interface TensorPlace {
  /** From 0; null for what stands outside the layers. */
  readonly layer: number | null;
  /** `q`, `k`, `v`, `o`, `gate`, `up`, `down`, `embed`, `head`, ...; what is not known keeps its own name. */
  readonly module: string;
}

const shortNames: Readonly<Record<string, string>> = {
  input_layernorm: 'input norm',
  post_attention_layernorm: 'post norm',
  embed_tokens: 'embed',
  lm_head: 'head',
  norm: 'norm',
};

export function placeOf(name: string): TensorPlace {
  const [, prefix, number, inLayer] = /^(|.*?\.)(\d+)\.(.+)$/.exec(name) ?? [];
  const layer = number === undefined ? null : Number(number);
  if (layer === null || !Number.isSafeInteger(layer))
    return { layer: null, module: shorten(name.replace(/^model\./, '')) };
  // Numbers further inside count experts or the like: their tensors share a place.
  const inside = inLayer.replace(/\b\d+\b/g, '*');
  return { layer, module: shorten(/(^|\.)layers\.$/.test(prefix) ? inside : `${prefix}*.${inside}`) };
}

function shorten(path: string): string {
  const [, stem, kind] = /^(.*?)(?:\.(weight|bias))?$/s.exec(path)!;
  const inner = stem.replace(/^(self_attn|mlp)\./, '').replace(/_proj$/, '');
  const short = Object.hasOwn(shortNames, inner) ? shortNames[inner] : inner;
  return kind === 'bias' ? `${short} bias` : short;
}
