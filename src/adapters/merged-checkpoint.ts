/** A stored model with adapters, whose parameters are merged while they are read: it is never whole in memory. */
import { referenceKernels } from '../kernels/reference-kernels.ts';
import { type ModelCheckpoint, openModelCheckpoint, requireFinite } from '../models/model-checkpoint.ts';
import type { StoredTensors } from '../models/stored-weights.ts';
import { parameterMerger, type WeightedAdapter } from './merge.ts';
import type { AdaptableModel } from './target-modules.ts';

/**
 * Opens the model of a Hugging Face folder or GGUF file as it is with the adapters; without any, as it is stored. Close the
 * checkpoint after use.
 * @throws as `openModelCheckpoint`; UsageError where an adapter does not fit the model. Reading throws InputError for weights
 * that are not finite.
 */
export async function openMergedCheckpoint(
  base: string,
  adapters: readonly WeightedAdapter[],
): Promise<ModelCheckpoint> {
  const opened = await openModelCheckpoint(base);
  const { checkpoint, decoder } = opened;
  try {
    return { ...opened, checkpoint: { ...checkpoint, ...withMerged(base, checkpoint, decoder, adapters) } };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/**
 * The tensors of a stored model of any kind, by the names of its parameters, with adapters merged into each that is read.
 * @param base for people: where the model is
 * @throws UsageError where an adapter does not fit the model. Reading throws InputError for weights that are not finite.
 */
export function withMerged(
  base: string,
  { tensors, readAllInto }: StoredTensors,
  model: AdaptableModel,
  adapters: readonly WeightedAdapter[],
): StoredTensors {
  const merge = parameterMerger(model, adapters);
  return {
    tensors,
    async readAllInto(targets) {
      const listed = [...targets];
      await readAllInto(listed);
      for (const [name, weight] of listed) {
        requireFinite(base, name, referenceKernels.sumOfSquares(weight));
        merge(name, weight);
      }
    },
  };
}
