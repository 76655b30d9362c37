/** A stored model before it is known what it computes: the tensors and the tokenizer of a Hugging Face folder or a GGUF file. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openGgufModel } from '../checkpoint/gguf/open-gguf-model.ts';
import type { Pooling } from '../checkpoint/gguf/pooling-types.ts';
import { type DequantizedCheckpoint, openDequantized } from '../checkpoint/quantized/dequantized-checkpoint.ts';
import { type JsonObject, readJsonObject } from '../files/json-file.ts';
import { exists } from '../files/temporary-name.ts';
import { findTokenizer, tokenizerOf } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { StoredTensors } from './stored-weights.ts';

export interface StoredWeights extends StoredTensors, Pick<DequantizedCheckpoint, 'config' | 'warnings' | 'close'> {}

export interface StoredModel {
  /** Under the names of the file or folder. Close it after use. */
  readonly checkpoint: StoredWeights;
  /** Every matrix is [out, in], under the name of its parameter. */
  readonly holdsParameters: boolean;
  /** How a GGUF file says that vectors of texts are made of hidden states. */
  readonly pooling: Pooling | undefined;
  /** Undefined for a model without one, which is a model all the same. */
  readTokenizer(): Promise<Tokenizer | undefined>;
}

/** Opens a Hugging Face folder, quantised or not, or a GGUF file. @throws InputError for one that is broken */
export async function openStored(path: string): Promise<StoredModel> {
  if (await isGgufFile(path)) {
    const model = await openGgufModel(path);
    return {
      checkpoint: { ...model, warnings: [] },
      holdsParameters: true,
      pooling: model.pooling,
      readTokenizer: async () => model.tokenizerFiles && tokenizerOf(model.tokenizerFiles),
    };
  }
  return {
    checkpoint: await openDequantized(path),
    holdsParameters: false,
    pooling: undefined,
    readTokenizer: () => findTokenizer(path),
  };
}

/** The configuration of a Hugging Face folder or a GGUF file; undefined for a folder without one. */
export async function storedConfig(path: string): Promise<JsonObject | undefined> {
  if (await isGgufFile(path)) {
    const { config, close } = await openGgufModel(path);
    await close();
    return config;
  }
  const file = join(path, 'config.json');
  return (await exists(file)) ? readJsonObject(file) : undefined;
}

/** Whether a path means a GGUF file: by its name, unless that is the name of a folder. */
async function isGgufFile(path: string): Promise<boolean> {
  if (!path.endsWith('.gguf')) return false;
  return stat(path).then(
    (status) => !status.isDirectory(),
    () => true,
  );
}
