/** Folders of sentence-transformers out of an encoder and what makes vectors of its hidden states. */
import type { CheckpointToSave } from '../checkpoint/huggingface/save-checkpoint.ts';
import { type EncoderModel, saveEncoder, type TrainableEncoder } from '../models/encoder-model.ts';
import { type SentenceModules, writeSentenceModules } from './sentence-modules.ts';

/** An encoder to be trained, and how vectors are made of its hidden states. */
export type TrainableEmbedder = TrainableEncoder & { readonly settings: SentenceModules };

export type SaveEmbedderOptions = Pick<CheckpointToSave, 'also' | 'notes' | 'replace'> &
  Partial<Pick<CheckpointToSave, 'dtype'>>;

/** Writes a folder that sentence-transformers and transformers open; it appears whole or not at all. Default: float32. */
export function saveEmbedder(
  folder: string,
  model: EncoderModel & { readonly settings: SentenceModules },
  { also, dtype = 'f32', ...options }: SaveEmbedderOptions = {},
): Promise<void> {
  return saveEncoder(folder, model, {
    ...options,
    dtype,
    async also(temporary) {
      await writeSentenceModules(temporary, model.settings, model.encoder.sizes.hidden);
      await also?.(temporary);
    },
  });
}
