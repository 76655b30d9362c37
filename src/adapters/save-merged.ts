/**
 * A base with adapters merged into it, written tensor by tensor: what is held is one tensor in float32, beside the base
 * where it is in memory anyway, and the adapters.
 */
import { type SaveOptions, type StreamedModel, saveStreamed } from '../models/model.ts';
import { parameterReader, streamedModel } from '../models/streamed-model.ts';
import type { AdaptableLayers } from './adapted-layers.ts';
import type { Adapter } from './adapter.ts';
import type { AdaptedModel } from './attach.ts';
import type { FrozenParameter } from './base-model.ts';
import { parameterMerger, type WeightedAdapter } from './merge.ts';
import { openMergedCheckpoint } from './merged-checkpoint.ts';

/**
 * Writes what an adapted model amounts to. A packed base is unpacked: the adapter was trained over what its bits say.
 * @throws as `saveModel`
 */
export async function saveMergedModel(folder: string, model: AdaptedModel, options: SaveOptions): Promise<void> {
  const { base, adapter } = model;
  await saveStreamed(folder, { ...base, valuesOf: mergedValues(base.decoder, base.parameters, adapter) }, options);
}

/** The parameters of a base in memory with an adapter merged into them, one at a time; the base stays what it is. */
export function mergedValues(
  layers: AdaptableLayers,
  parameters: ReadonlyMap<string, FrozenParameter>,
  adapter: Adapter,
): StreamedModel['valuesOf'] {
  const merge = parameterMerger(layers, [{ adapter }]);
  return parameterReader(layers, async (name, target) => {
    const { weight } = parameters.get(name)!;
    if (weight instanceof Float32Array) target.set(weight);
    else await weight.unpack(target);
    merge(name, target);
  });
}

/**
 * Merges adapters into the model of a Hugging Face folder or GGUF file, from file to file.
 * @returns oddities of the base that do not change what it computes
 * @throws as `loadModel` and `saveModel`; UsageError where an adapter does not fit the base
 */
export async function mergeIntoFolder(
  base: string,
  adapters: readonly WeightedAdapter[],
  folder: string,
  options: SaveOptions,
): Promise<readonly string[]> {
  const model = await openMergedCheckpoint(base, adapters);
  try {
    await saveStreamed(folder, streamedModel(model), options);
    return model.warnings;
  } finally {
    await model.checkpoint.close();
  }
}
