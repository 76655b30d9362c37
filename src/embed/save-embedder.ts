/** Folders of sentence-transformers out of an encoder and what makes vectors of its hidden states. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdaptedEmbedder } from '../adapters/attach-encoder.ts';
import { type SaveAdapterOptions, saveAdapter } from '../adapters/peft/save-adapter.ts';
import { mergedValues } from '../adapters/save-merged.ts';
import type { CheckpointToSave } from '../checkpoint/huggingface/save-checkpoint.ts';
import { type EncoderModel, saveEncoder, saveStreamedEncoder, type TrainableEncoder } from '../models/encoder-model.ts';
import { type SentenceModules, writeSentenceModules } from './sentence-modules.ts';

/** An encoder to be trained, and how vectors are made of its hidden states. */
export type TrainableEmbedder = TrainableEncoder & { readonly settings: SentenceModules };

export type SaveEmbedderOptions = Pick<CheckpointToSave, 'also' | 'notes' | 'replace'> &
  Partial<Pick<CheckpointToSave, 'dtype'>>;

/** Writes a folder that sentence-transformers and transformers open; it appears whole or not at all. Default: float32. */
export function saveEmbedder(
  folder: string,
  model: EncoderModel & { readonly settings: SentenceModules },
  options: SaveEmbedderOptions = {},
): Promise<void> {
  return saveEncoder(folder, model, withModules(model, options));
}

/** The same of what an adapted model amounts to, made tensor by tensor: the base and the adapter stay what they are. */
export function saveMergedEmbedder(
  folder: string,
  { base, adapter }: AdaptedEmbedder,
  options: SaveEmbedderOptions = {},
): Promise<void> {
  const valuesOf = mergedValues(base.encoder, base.parameters, adapter);
  return saveStreamedEncoder(folder, { ...base, valuesOf }, withModules(base, options));
}

/**
 * Writes the adapter alone as PEFT does, with the tokenizer and what makes vectors of hidden states: sentence-transformers
 * opens the folder like that of a model, where it finds the base.
 */
export function saveEmbedderAdapter(
  folder: string,
  { adapter, encoder, settings, tokenizer }: AdaptedEmbedder,
  { also, ...options }: Omit<SaveAdapterOptions, 'taskType'> = {},
): Promise<void> {
  return saveAdapter(folder, adapter, {
    ...options,
    taskType: 'FEATURE_EXTRACTION',
    async also(temporary) {
      await writeSentenceModules(temporary, settings, encoder.sizes.hidden);
      for (const { name, bytes } of tokenizer.files) await writeFile(join(temporary, name), bytes);
      await also?.(temporary);
    },
  });
}

function withModules(
  { encoder, settings }: Pick<EncoderModel, 'encoder'> & { readonly settings: SentenceModules },
  { also, dtype = 'f32', ...options }: SaveEmbedderOptions,
) {
  return {
    ...options,
    dtype,
    async also(temporary: string) {
      await writeSentenceModules(temporary, settings, encoder.sizes.hidden);
      await also?.(temporary);
    },
  };
}
