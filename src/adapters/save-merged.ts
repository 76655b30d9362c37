/**
 * A base with adapters merged into it, written tensor by tensor: what is held is one tensor in float32, beside the base
 * where it is in memory anyway, and the adapters.
 */
import { elementCount } from '../graph/tensor.ts';
import { referenceKernels } from '../kernels/reference-kernels.ts';
import type { Decoder } from '../models/decoder.ts';
import { type SaveOptions, saveStreamed } from '../models/model.ts';
import { openModelCheckpoint, requireFinite } from '../models/model-checkpoint.ts';
import type { AdaptedModel } from './attach.ts';
import { moduleMerger, type WeightedAdapter } from './merge.ts';

/**
 * Writes what an adapted model amounts to. A packed base is unpacked: the adapter was trained over what its bits say.
 * @throws as `saveModel`
 */
export async function saveMergedModel(folder: string, model: AdaptedModel, options: SaveOptions): Promise<void> {
  const { base, adapter } = model;
  const { decoder, parameters } = base;
  const read: ReadParameter = async (name, target) => {
    const { weight } = parameters.get(name)!;
    if (weight instanceof Float32Array) target.set(weight);
    else await weight.unpack(target);
  };
  await saveStreamed(folder, { ...base, valuesOf: mergedValues(decoder, [{ adapter }], read) }, options);
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
  const { checkpoint, decoder, tokenizer, warnings } = await openModelCheckpoint(base);
  try {
    const read: ReadParameter = async (name, target) => {
      await checkpoint.readAllInto([[name, target]]);
      requireFinite(base, name, referenceKernels.sumOfSquares(target));
    };
    const valuesOf = mergedValues(decoder, adapters, read);
    await saveStreamed(folder, { config: checkpoint.config, decoder, tokenizer, valuesOf }, options);
    return warnings;
  } finally {
    await checkpoint.close();
  }
}

type ReadParameter = (name: string, target: Float32Array) => Promise<void>;

/** All in one array, which is as long as the longest. */
function mergedValues(decoder: Decoder, adapters: readonly WeightedAdapter[], read: ReadParameter) {
  const merge = moduleMerger(decoder, adapters);
  const counts = new Map(decoder.parameters.map(({ name, shape }) => [name, elementCount(shape)]));
  const room = new Float32Array(Math.max(...counts.values()));
  return async (name: string): Promise<Float32Array> => {
    const values = room.subarray(0, counts.get(name)!);
    await read(name, values);
    if (name.endsWith('.weight')) merge(name.slice(0, -'.weight'.length), values);
    return values;
  };
}
