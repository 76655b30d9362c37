/** What tensors are called in Hugging Face checkpoints and in GGUF files, for the Llama family. */

/** `<name>.weight` and `<name>.bias` on either side. */
const outside: readonly (readonly [huggingFace: string, gguf: string])[] = [
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
];

/** The same inside `model.layers.<n>` and `blk.<n>`. */
const inside: readonly (readonly [huggingFace: string, gguf: string])[] = [
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
];

const toGguf: ReadonlyMap<string, string> = new Map([...outside, ...inside]);
const toHuggingFace: ReadonlyMap<string, string> = new Map([...outside, ...inside].map(([a, b]) => [b, a]));

/** `model.layers.3.mlp.up_proj.weight` -> `blk.3.ffn_up.weight`; undefined for a name without a counterpart. */
export function ggufName(name: string): string | undefined {
  const [, layer, base, kind] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
  const found = toGguf.get(base ?? '');
  if (found === undefined) return undefined;
  return layer === undefined ? `${found}.${kind}` : `blk.${layer}.${found}.${kind}`;
}

/** The other way round. */
export function huggingFaceName(name: string): string | undefined {
  const [, layer, base, kind] = /^(?:blk\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
  const found = toHuggingFace.get(base ?? '');
  if (found === undefined) return undefined;
  return layer === undefined ? `${found}.${kind}` : `model.layers.${layer}.${found}.${kind}`;
}

/** Whose rows depend on how rotary pairs are laid out; says whose heads they are. */
export function rotaryRows(name: string): 'heads' | 'keyValueHeads' | undefined {
  if (/\.self_attn\.q_proj\.(weight|bias)$/.test(name)) return 'heads';
  return /\.self_attn\.k_proj\.(weight|bias)$/.test(name) ? 'keyValueHeads' : undefined;
}
