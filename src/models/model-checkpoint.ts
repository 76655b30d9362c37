/** A stored model that was looked at, with its weights still to be read. */
import type { Pooling } from '../checkpoint/gguf/pooling-types.ts';
import { InputError } from '../errors.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Decoder, ParameterSpec } from './decoder.ts';
import { openStored, type StoredModel, type StoredWeights } from './open-stored.ts';
import { storedDecoder } from './own-head.ts';
import { createDecoder } from './registry.ts';
import { asParameters, type StoredTensors } from './stored-weights.ts';

export interface ModelCheckpoint {
  readonly checkpoint: StoredWeights;
  readonly decoder: Decoder;
  /** How a GGUF file says that vectors of texts are made of hidden states. */
  readonly pooling?: Pooling;
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
  const model = await openStored(folder);
  const { checkpoint: stored } = model;
  try {
    const found = await storedDecoder(folder, stored.config, (decoder) => parametersOf(model, decoder));
    const { decoder, config } = found;
    const checkpoint = { ...stored, ...found.stored, config };
    const warnings = [...stored.warnings, ...found.warnings];
    const wanted = new Set(decoder.parameters.map(({ name }) => name));
    requireShapes(folder, decoder.parameters, checkpoint);
    for (const name of checkpoint.tensors.keys()) {
      if (wanted.has(name)) continue;
      if (!(await isSuperfluous(name, decoder, checkpoint)))
        throw misfit(folder, name, 'a tensor that the architecture has no place for', 'none');
      warnings.push(`${folder}: tensor ${name} changes nothing and is left out.`);
    }
    const tokenizer = await model.readTokenizer();
    if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: decoder.sizes.vocabulary });
    return { checkpoint, decoder, pooling: model.pooling, tokenizer, warnings };
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
  const model = await openStored(folder);
  try {
    await parametersOf(model, createDecoder(model.checkpoint.config)).readAllInto(targets);
  } finally {
    await model.checkpoint.close();
  }
}

/** The tensors of a decoder as its parameters. */
const parametersOf = ({ checkpoint, holdsParameters }: StoredModel, decoder: Decoder): StoredTensors =>
  holdsParameters ? checkpoint : asParameters(checkpoint, decoder);

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
