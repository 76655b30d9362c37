/** An adapted model as the whole model that it amounts to, for as long as someone asks it. */

import type { WholeModel } from '../models/model.ts';
import { readParameters } from '../models/model-checkpoint.ts';
import type { AdaptedModel } from './attach.ts';
import { mergeAdapters } from './merge.ts';
import { dequantizeModel } from './nf4/quantized-model.ts';

/**
 * A base in float32 takes the adapter into its own weights, so that no second model is needed, and gets them back bit by bit
 * from where it was read. A packed base is unpacked: the adapter was trained over what the four bits say and makes up for
 * their rounding, so merged into the original weights it would be another model than the one that was trained and measured.
 * @param checkpoint what the base was read from
 */
export async function withMerged<T>(
  { base, adapter, config, tokenizer, warnings }: AdaptedModel,
  checkpoint: string,
  use: (merged: WholeModel) => Promise<T>,
): Promise<T> {
  const { decoder } = base;
  const plain = new Map<string, { readonly weight: Float32Array }>();
  for (const [name, { weight }] of base.parameters) if (weight instanceof Float32Array) plain.set(name, { weight });
  if (plain.size < base.parameters.size) {
    const unpacked = await dequantizeModel(base);
    mergeAdapters(unpacked, [{ adapter }]);
    return use(unpacked);
  }
  const merged: WholeModel = { config, decoder, parameters: plain, tokenizer, warnings };
  mergeAdapters(merged, [{ adapter }]);
  try {
    return await use(merged);
  } finally {
    const names = [...adapter.modules.keys()].map((module) => `${module}.weight`);
    await readParameters(
      checkpoint,
      names.map((name) => [name, plain.get(name)!.weight]),
    );
  }
}
