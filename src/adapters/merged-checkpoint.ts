/** A stored model with adapters, whose parameters are merged while they are read: it is never whole in memory. */
import { referenceKernels } from '../kernels/reference-kernels.ts';
import { type ModelCheckpoint, openModelCheckpoint, requireFinite } from '../models/model-checkpoint.ts';
import { parameterMerger, type WeightedAdapter } from './merge.ts';

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
    const merge = parameterMerger(decoder, adapters);
    return {
      ...opened,
      checkpoint: {
        ...checkpoint,
        async readAllInto(targets) {
          const listed = [...targets];
          await checkpoint.readAllInto(listed);
          for (const [name, weight] of listed) {
            requireFinite(base, name, referenceKernels.sumOfSquares(weight));
            merge(name, weight);
          }
        },
      },
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}
