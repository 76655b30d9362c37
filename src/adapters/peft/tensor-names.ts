/** What PEFT calls the tensors of an adapter in its file. */
import type { AdapterModule } from '../adapter.ts';

const prefix = 'base_model.model.';

const endings: Readonly<Record<keyof AdapterModule, string>> = {
  a: '.lora_A.weight',
  b: '.lora_B.weight',
  magnitude: '.lora_magnitude_vector',
};

/** `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` */
export const tensorName = (module: string, part: keyof AdapterModule): string => `${prefix}${module}${endings[part]}`;

/** Module and part of a tensor; undefined for one that is no part of an adapter. */
export function parseTensorName(
  name: string,
): { readonly module: string; readonly part: keyof AdapterModule } | undefined {
  const part = (['a', 'b', 'magnitude'] as const).find((candidate) => name.endsWith(endings[candidate]));
  if (!part || !name.startsWith(prefix)) return undefined;
  const module = name.slice(prefix.length, -endings[part].length);
  return module === '' ? undefined : { module, part };
}
