/** Models with small vocabularies of their own. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../files/json-file.ts';
import { initModel, saveModel, type TrainableModel } from '../../models/model.ts';
import { tokenizerOf } from '../../tokenizer/load.ts';
import { trainTokenizer } from '../../tokenizer/train/train.ts';

const config = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  initializer_range: 0.3,
};

/** Writes a new model whose tokenizer knows the words of a text. */
export async function writeToyModel(
  folder: string,
  text: string,
  { seed = 1, rows, ...changes }: JsonObject & { readonly seed?: number; readonly rows?: number } = {},
): Promise<TrainableModel> {
  const { files } = await trainTokenizer([text, text], { vocabSize: 400 });
  const tokenizer = tokenizerOf(files);
  const model = initModel({ ...config, vocab_size: rows ?? tokenizer.vocabSize, ...changes }, { seed, tokenizer });
  await saveModel(folder, model, { dtype: 'f32' });
  return model;
}

/** Makes the configuration of a stored model say that its head is tied, whatever the tensors are. */
export async function callTied(folder: string): Promise<void> {
  const path = join(folder, 'config.json');
  const stored = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...stored, tie_word_embeddings: true }));
  await rm(join(folder, 'finery-manifest.json'));
}
