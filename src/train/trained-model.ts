/** What a run trains, and how its weights are kept: a whole model, an adapter over a frozen one, or an embedder. */
import type { AdaptedModel } from '../adapters/attach.ts';
import type { AdaptedEmbedder } from '../adapters/attach-encoder.ts';
import { readAdapterInto } from '../adapters/peft/read-adapter.ts';
import { type SaveAdapterOptions, saveAdapter } from '../adapters/peft/save-adapter.ts';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { saveEmbedder, type TrainableEmbedder } from '../embed/save-embedder.ts';
import type { Parameter } from '../kernels/allocate-parameters.ts';
import { saveModel, type TrainableModel } from '../models/model.ts';
import { asParameters } from '../models/stored-weights.ts';

export type TrainedModel = TrainableModel | AdaptedModel;

/** Whatever checkpoints are made of. */
export type Trained = TrainedModel | TrainableEmbedder | AdaptedEmbedder;

/** The parameters with gradients and moments, by name. */
export const trainedParameters = (model: Trained): ReadonlyMap<string, Parameter> =>
  'adapter' in model ? model.trainable : model.parameters;

/** Writes the weights in float32: a Hugging Face folder of a model or embedder, one of PEFT for an adapter. */
export function saveTrained(
  folder: string,
  model: Trained,
  options: Pick<SaveAdapterOptions, 'also' | 'notes' | 'replace'>,
): Promise<void> {
  if ('adapter' in model) {
    const taskType = 'encoder' in model ? 'FEATURE_EXTRACTION' : 'CAUSAL_LM';
    return saveAdapter(folder, model.adapter, { ...options, taskType });
  }
  if ('encoder' in model) return saveEmbedder(folder, model, options);
  return saveModel(folder, model, { ...options, dtype: 'f32' });
}

/** Reads them back into the arrays of the model. @throws InputError for a file that is damaged, or of another model. */
export async function readTrained(folder: string, model: Trained): Promise<void> {
  if ('adapter' in model) return readAdapterInto(folder, model.adapter);
  const checkpoint = await openCheckpoint(folder);
  try {
    const stored = asParameters(checkpoint, 'encoder' in model ? model.encoder : model.decoder);
    await stored.readAllInto([...model.parameters].map(([name, { weight }]) => [name, weight]));
  } finally {
    await checkpoint.close();
  }
}
