/** A stored model that was looked at, with its weights still to be read. */
import { stat } from 'node:fs/promises';
import { openGgufModel } from '../checkpoint/gguf/open-gguf-model.ts';
import { type DequantizedCheckpoint, openDequantized } from '../checkpoint/quantized/dequantized-checkpoint.ts';
import { InputError } from '../errors.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import { findTokenizer, tokenizerOf } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Decoder, ParameterSpec } from './decoder.ts';
import { createDecoder } from './registry.ts';
import { asParameters, type StoredTensors } from './stored-weights.ts';

interface StoredWeights extends StoredTensors, Pick<DequantizedCheckpoint, 'config' | 'warnings' | 'close'> {}

export interface ModelCheckpoint {
  readonly checkpoint: StoredWeights;
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer | undefined;
  readonly warnings: readonly string[];
}

/**
 * Tensors that older checkpoints carry although they follow from the configuration: rotary frequencies, GPT-2's causal
 * masks, and the copy of a tied embedding table.
 */
export const isDerived = (name: string, decoder: Decoder): boolean =>
  name.endsWith('.rotary_emb.inv_freq') ||
  (decoder.modelType === 'gpt2' && /\.attn\.(masked_)?bias$/.test(name)) ||
  (decoder.tied && name === 'lm_head.weight');

/**
 * Whether a model computes the same without a tensor that it has no place for. Beside what is derived these are biases of
 * zeros, which AutoGPTQ gave to every layer.
 */
export async function isSuperfluous(name: string, decoder: Decoder, stored: StoredTensors): Promise<boolean> {
  if (isDerived(name, decoder)) return true;
  const { shape } = stored.tensors.get(name)!;
  if (!name.endsWith('.bias') || shape.length !== 1) return false;
  const bias = new Float32Array(shape[0]);
  await stored.readAllInto([[name, bias]]);
  return bias.every((value) => value === 0);
}

/**
 * Opens a Hugging Face folder, quantised or not, or a GGUF file, whose tensors are those of its architecture, each in its shape. Close the checkpoint after use.
 * @throws UsageError for a configuration that is not supported; InputError for a missing or superfluous tensor, a wrong
 * shape, or a tokenizer that does not fit the vocabulary.
 */
export async function openModelCheckpoint(folder: string): Promise<ModelCheckpoint> {
  const { checkpoint: stored, readTokenizer, parametersOf } = await openStored(folder);
  try {
    const decoder = createDecoder(stored.config);
    const checkpoint = { ...stored, ...parametersOf(decoder) };
    const warnings = [...stored.warnings];
    const wanted = new Set(decoder.parameters.map(({ name }) => name));
    requireShapes(folder, decoder.parameters, checkpoint);
    for (const name of checkpoint.tensors.keys()) {
      if (wanted.has(name)) continue;
      if (!(await isSuperfluous(name, decoder, checkpoint)))
        throw misfit(folder, name, 'a tensor that the architecture has no place for', 'none');
      warnings.push(`${folder}: tensor ${name} changes nothing and is left out.`);
    }
    const tokenizer = await readTokenizer();
    if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: decoder.sizes.vocabulary });
    return { checkpoint, decoder, tokenizer, warnings };
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** Reads some of a stored model's parameters into arrays of their sizes. @throws InputError for one that is not there */
export async function readParameters(
  folder: string,
  targets: Parameters<StoredWeights['readAllInto']>[0],
): Promise<void> {
  const { checkpoint, parametersOf } = await openStored(folder);
  try {
    await parametersOf(createDecoder(checkpoint.config)).readAllInto(targets);
  } finally {
    await checkpoint.close();
  }
}

async function openStored(path: string) {
  if (await isGgufFile(path)) {
    const model = await openGgufModel(path);
    const checkpoint: StoredWeights = { ...model, warnings: [] };
    return {
      checkpoint,
      // GGUF has every matrix as [out, in].
      parametersOf: (): StoredTensors => checkpoint,
      readTokenizer: async () => model.tokenizerFiles && tokenizerOf(model.tokenizerFiles),
    };
  }
  const checkpoint: StoredWeights = await openDequantized(path);
  return {
    checkpoint,
    parametersOf: (decoder: Decoder): StoredTensors => asParameters(checkpoint, decoder),
    // A checkpoint without a tokenizer is a model all the same.
    readTokenizer: () => findTokenizer(path),
  };
}

/** Whether a path means a GGUF file: by its name, unless that is the name of a folder. */
async function isGgufFile(path: string): Promise<boolean> {
  if (!path.endsWith('.gguf')) return false;
  return stat(path).then(
    (status) => !status.isDirectory(),
    () => true,
  );
}

/** @throws InputError if not every weight is a finite number. `sumOfSquares` is finite if and only if all of them are. */
export function requireFinite(folder: string, name: string, sumOfSquares: number): void {
  if (!Number.isFinite(sumOfSquares)) throw misfit(folder, name, 'NaN or infinite weights', 'finite numbers');
}

/** @throws InputError for a parameter that is not among the tensors in its shape */
export function requireShapes(
  folder: string,
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
  { tensors }: Pick<StoredTensors, 'tensors'>,
): void {
  for (const { name, shape } of parameters) {
    const entry = tensors.get(name);
    const expected = `[${shape.join(', ')}]`;
    if (!entry) throw misfit(folder, name, 'no such tensor', expected);
    const found = `[${entry.shape.join(', ')}]`;
    if (found !== expected) throw misfit(folder, name, `shape ${found}`, `shape ${expected}`);
  }
}

export function misfit(folder: string, tensor: string, found: string, expected: string): InputError {
  const fix = 'Weights and config.json are not of one model, or the file is damaged: get the checkpoint again.';
  return new InputError({ field: `${folder}, tensor ${JSON.stringify(tensor)}`, found, expected, fix });
}
