/** What a run trains, a whole model or an adapter over a frozen one, and how its weights are kept. */
import type { AdaptedModel } from '../adapters/attach.ts';
import { readAdapterInto } from '../adapters/peft/read-adapter.ts';
import { type SaveAdapterOptions, saveAdapter } from '../adapters/peft/save-adapter.ts';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import type { Parameter } from '../kernels/allocate-parameters.ts';
import { saveModel, type TrainableModel } from '../models/model.ts';

export type TrainedModel = TrainableModel | AdaptedModel;

/** The parameters with gradients and moments, by name. */
export const trainedParameters = (model: TrainedModel): ReadonlyMap<string, Parameter> =>
  'adapter' in model ? model.trainable : model.parameters;

/** Writes the weights in float32: a Hugging Face folder of a model, one of PEFT for an adapter. */
export function saveTrained(
  folder: string,
  model: TrainedModel,
  options: Pick<SaveAdapterOptions, 'also' | 'notes' | 'replace'>,
): Promise<void> {
  if ('adapter' in model) return saveAdapter(folder, model.adapter, options);
  return saveModel(folder, model, { ...options, dtype: 'f32' });
}

/** Reads them back into the arrays of the model. @throws InputError for a file that is damaged, or of another model. */
export async function readTrained(folder: string, model: TrainedModel): Promise<void> {
  if ('adapter' in model) return readAdapterInto(folder, model.adapter);
  const checkpoint = await openCheckpoint(folder);
  try {
    await checkpoint.readAllInto([...model.parameters].map(([name, { weight }]) => [name, weight]));
  } finally {
    await checkpoint.close();
  }
}
