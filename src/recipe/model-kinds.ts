/** What a run does with the weights of its model, by the kind of the model. */
import { type AdaptedModel, attachAdapter } from '../adapters/attach.ts';
import { type AdaptedEncoderDecoder, attachEncoderDecoderAdapter } from '../adapters/attach-encoder-decoder.ts';
import { loadQuantizedModel } from '../adapters/nf4/quantized-model.ts';
import { saveMergedModel } from '../adapters/save-merged.ts';
import { saveMergedEncoderDecoder } from '../adapters/save-merged-encoder-decoder.ts';
import { type AdapterSettings, packsBase } from '../adapters/settings.ts';
import {
  type EncoderDecoderModel,
  loadEncoderDecoder,
  readEncoderDecoderParameters,
  type SaveEncoderDecoderOptions,
  saveEncoderDecoder,
} from '../models/encoder-decoder-model.ts';
import { loadModel, type Model, type Purpose, saveModel } from '../models/model.ts';
import { readParameters } from '../models/model-checkpoint.ts';
import type { TrainedEncoderDecoder, TrainedModel } from '../train/trained-model.ts';

type Seed = { readonly seed: number };

export interface ModelKind<Whole, Adapted> {
  load(checkpoint: string, purpose: Purpose): Promise<Whole>;
  /** Reads stored weights into arrays of their sizes. */
  read(checkpoint: string, targets: readonly (readonly [name: string, target: Float32Array])[]): Promise<void>;
  /** A new adapter over the model. */
  attach(model: Whole, settings: AdapterSettings, seed: Seed): Adapted;
  /** One over a base in four bits, which is read anew; undefined for settings that need none. */
  attachPacked(checkpoint: string, settings: AdapterSettings, seed: Seed): Promise<Adapted> | undefined;
}

export const decoderKind: ModelKind<Model, AdaptedModel> = {
  load: loadModel,
  read: readParameters,
  attach: attachAdapter,
  attachPacked(checkpoint, settings, seed) {
    if (!packsBase(settings.method)) return undefined;
    return loadQuantizedModel(checkpoint).then((model) => attachAdapter(model, settings, seed));
  },
};

export const encoderDecoderKind: ModelKind<EncoderDecoderModel, AdaptedEncoderDecoder> = {
  load: loadEncoderDecoder,
  read: readEncoderDecoderParameters,
  attach: attachEncoderDecoderAdapter,
  attachPacked: () => undefined,
};

/** Writes the whole model, an adapter merged into it. */
export function saveWhole(
  folder: string,
  model: Model | EncoderDecoderModel | TrainedModel | TrainedEncoderDecoder,
  options: SaveEncoderDecoderOptions,
): Promise<void> {
  if ('architecture' in model) {
    return 'adapter' in model
      ? saveMergedEncoderDecoder(folder, model, options)
      : saveEncoderDecoder(folder, model, options);
  }
  return 'adapter' in model ? saveMergedModel(folder, model, options) : saveModel(folder, model, options);
}
