/** What a run trains, and how its weights are kept: a whole model, an adapter over a frozen one, or an embedder. Models are decoders and encoder-decoders. */
import type { AdaptedModel } from '../adapters/attach.ts';
import type { AdaptedEmbedder } from '../adapters/attach-encoder.ts';
import type { AdaptedEncoderDecoder } from '../adapters/attach-encoder-decoder.ts';
import type { PeftTask } from '../adapters/peft/adapter-config.ts';
import { readAdapterInto } from '../adapters/peft/read-adapter.ts';
import { type SaveAdapterOptions, saveAdapter } from '../adapters/peft/save-adapter.ts';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { saveEmbedder, type TrainableEmbedder } from '../embed/save-embedder.ts';
import type { Parameter } from '../kernels/allocate-parameters.ts';
import {
  readEncoderDecoderParameters,
  saveEncoderDecoder,
  type TrainableEncoderDecoder,
} from '../models/encoder-decoder-model.ts';
import { saveModel, type TrainableModel } from '../models/model.ts';
import { asParameters } from '../models/stored-weights.ts';

export type TrainedModel = TrainableModel | AdaptedModel;

export type TrainedEncoderDecoder = TrainableEncoderDecoder | AdaptedEncoderDecoder;

/** Whatever checkpoints are made of. */
export type Trained = TrainedModel | TrainedEncoderDecoder | TrainableEmbedder | AdaptedEmbedder;

/** The parameters with gradients and moments, by name. */
export const trainedParameters = (model: Trained): ReadonlyMap<string, Parameter> =>
  'adapter' in model ? model.trainable : model.parameters;

/** Writes the weights in float32: a Hugging Face folder of a model or embedder, one of PEFT for an adapter. */
export function saveTrained(
  folder: string,
  model: Trained,
  options: Pick<SaveAdapterOptions, 'also' | 'notes' | 'replace'>,
): Promise<void> {
  if ('adapter' in model) return saveAdapter(folder, model.adapter, { ...options, taskType: taskOf(model) });
  if ('encoder' in model) return saveEmbedder(folder, model, options);
  if ('architecture' in model) return saveEncoderDecoder(folder, model, { ...options, dtype: 'f32' });
  return saveModel(folder, model, { ...options, dtype: 'f32' });
}

/** What PEFT has to know an adapter's model for. */
export function taskOf(model: Trained): PeftTask {
  if ('encoder' in model) return 'FEATURE_EXTRACTION';
  return 'architecture' in model ? 'SEQ_2_SEQ_LM' : 'CAUSAL_LM';
}

/** Reads them back into the arrays of the model. @throws InputError for a file that is damaged, or of another model. */
export async function readTrained(folder: string, model: Trained): Promise<void> {
  if ('adapter' in model) return readAdapterInto(folder, model.adapter);
  const weights = [...model.parameters].map(([name, { weight }]) => [name, weight] as const);
  if ('architecture' in model) return readEncoderDecoderParameters(folder, weights);
  const checkpoint = await openCheckpoint(folder);
  try {
    const stored = asParameters(checkpoint, 'encoder' in model ? model.encoder : model.decoder);
    await stored.readAllInto(weights);
  } finally {
    await checkpoint.close();
  }
}
