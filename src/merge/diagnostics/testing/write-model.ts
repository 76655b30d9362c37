/** Small model folders for tests: whatever tensors are given, under a plain configuration. */
import { join } from 'node:path';
import { saveCheckpoint } from '../../../checkpoint/huggingface/save-checkpoint.ts';
import type { StorageType } from '../../../checkpoint/safetensors/write.ts';
import type { JsonObject } from '../../../files/json-file.ts';

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TestModel {
  readonly tensors: Readonly<Record<string, TestTensor>>;
  readonly config?: JsonObject;
  readonly tokenizer?: unknown;
  readonly dtype?: StorageType;
}

/** @returns the folder */
export async function writeModel(parent: string, name: string, model: TestModel): Promise<string> {
  const { tensors, config = {}, tokenizer, dtype = 'f32' } = model;
  const folder = join(parent, name);
  await saveCheckpoint(folder, {
    config: { model_type: 'llama', hidden_size: 8, ...config },
    tensors: Object.entries(tensors).map(([tensor, { shape, data }]) => ({ name: tensor, shape, data })),
    dtype,
    tokenizerFiles: tokenizer === undefined ? {} : { 'tokenizer.json': JSON.stringify(tokenizer) },
    checkWeights: false,
    replace: true,
  });
  return folder;
}
