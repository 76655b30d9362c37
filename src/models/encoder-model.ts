/** An encoder in memory: its configuration, architecture, parameters and tokenizer; loaded, made anew, saved. */

import type { Pooling } from '../checkpoint/gguf/pooling-types.ts';
import { type CheckpointToSave, saveCheckpoint } from '../checkpoint/huggingface/save-checkpoint.ts';
import type { JsonObject } from '../files/json-file.ts';
import { elementCount, type Shape } from '../graph/tensor.ts';
import { allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Encoder } from './encoder.ts';
import { arrayKinds, initializeParameter, type Purpose, type StreamedModel } from './model.ts';
import { misfit, requireFinite, requireShapes } from './model-checkpoint.ts';
import { openStored } from './open-stored.ts';
import { classNameOf, createEncoder } from './registry.ts';
import { asParameters, asStored, type StoredTensors, storedShape, withoutPrefix } from './stored-weights.ts';
import { requireWeightMemory } from './weight-memory.ts';

export interface EncoderModel {
  /** As in `config.json`. */
  readonly config: JsonObject;
  readonly encoder: Encoder;
  /** By checkpoint name. Gradient and moments are there only in a model for training. */
  readonly parameters: ReadonlyMap<string, Parameter<'weight'> & Partial<Parameter>>;
  /** What the checkpoint holds for others, see `Encoder.carried`. */
  readonly carried: readonly { readonly name: string; readonly shape: Shape; readonly data: Float32Array }[];
  /** How a GGUF file says that vectors are made of hidden states. */
  readonly pooling?: Pooling;
  readonly tokenizer: Tokenizer | undefined;
  /** Oddities of the checkpoint that do not change what it computes. */
  readonly warnings: readonly string[];
}

/** An encoder whose parameters have gradients and moments. */
export type TrainableEncoder = Omit<EncoderModel, 'parameters'> & {
  readonly parameters: ReadonlyMap<string, Parameter>;
};

export function loadEncoder(folder: string, purpose: 'training'): Promise<TrainableEncoder>;
export function loadEncoder(folder: string, purpose?: Purpose): Promise<EncoderModel>;
/**
 * Loads a Hugging Face folder or a GGUF file of an encoder, or of a decoder, whose head is then left out; weights as float32, also where
 * they are quantised.
 * @throws UsageError for a configuration that is not supported, or weights that do not fit into memory; InputError for a
 * missing or superfluous tensor, a wrong shape, a weight that is not finite, or a tokenizer that does not fit
 */
export async function loadEncoder(folder: string, purpose: Purpose = 'inference'): Promise<EncoderModel> {
  const { encoder, stored, close, ...opened } = await openEncoderCheckpoint(folder);
  try {
    const carried = opened.carried.map((spec) => ({ ...spec, data: new Float32Array(elementCount(spec.shape)) }));
    const kinds = arrayKinds[purpose];
    const weights = encoder.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    requireWeightMemory(folder, 4 * kinds.length * weights);
    const parameters = allocateParameters(encoder.parameters, kinds);
    await stored.readAllInto([
      ...[...parameters].map(([name, { weight }]) => [name, weight] as const),
      ...carried.map(({ name, data }) => [name, data] as const),
    ]);
    for (const { name, arena, weight } of parameters.values()) {
      requireFinite(folder, name, arena.kernels.sumOfSquares(weight));
    }
    return { ...opened, encoder, parameters, carried };
  } finally {
    await close();
  }
}

/** A stored encoder that was looked at, with its weights still to be read. */
export interface EncoderCheckpoint
  extends Pick<EncoderModel, 'config' | 'encoder' | 'pooling' | 'tokenizer' | 'warnings'> {
  /** The weights, by the names of the parameters. */
  readonly stored: StoredTensors;
  /** What is there for others, see `Encoder.carried`. */
  readonly carried: readonly { readonly name: string; readonly shape: Shape }[];
  close(): Promise<void>;
}

/** Opens a folder as `loadEncoder` does, and reads no weights. Close it after use. @throws as `loadEncoder` */
export async function openEncoderCheckpoint(folder: string): Promise<EncoderCheckpoint> {
  const { checkpoint, holdsParameters, pooling, readTokenizer } = await openStored(folder);
  try {
    const { config } = checkpoint;
    const encoder = createEncoder(config);
    const stored = holdsParameters ? checkpoint : asEncoderParameters(checkpoint, encoder);
    requireShapes(folder, encoder.parameters, stored);
    const carried = Object.entries(encoder.carried).flatMap(([name, shape]) =>
      stored.tensors.has(name) ? [{ name, shape }] : [],
    );
    requireShapes(folder, carried, stored);
    const warnings = [...checkpoint.warnings, ...leftOut(folder, encoder, stored)];
    const tokenizer = await readTokenizer();
    if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: encoder.sizes.vocabulary });
    return { config, encoder, pooling, stored, carried, tokenizer, warnings, close: () => checkpoint.close() };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** A checkpoint's tensors under the names that parameters have without a head beside them. */
export function asEncoderParameters(checkpoint: StoredTensors, encoder: Encoder): StoredTensors {
  return asParameters(withoutPrefix(checkpoint, encoder.names.embedding), encoder);
}

/** @returns warnings @throws InputError for a tensor that the architecture has no place for */
function leftOut(folder: string, encoder: Encoder, { tensors }: StoredTensors): string[] {
  const known = new Set([...encoder.parameters.map(({ name }) => name), ...Object.keys(encoder.carried)]);
  return [...tensors.keys()].flatMap((name) => {
    if (known.has(name)) return [];
    if (encoder.isBeside(name)) return [`${folder}: tensor ${name} is not read and left out.`];
    throw misfit(folder, name, 'a tensor that the architecture has no place for', 'none');
  });
}

export interface InitEncoderOptions {
  /** Same seed, same weights, whatever else there is: each parameter has a stream of its own. */
  readonly seed: number;
  readonly tokenizer?: Tokenizer;
}

/** A new encoder with the architecture's initialization, for training. @throws UsageError for a configuration that is not supported */
export function initEncoder(given: JsonObject, { seed, tokenizer }: InitEncoderOptions): TrainableEncoder {
  const encoder = createEncoder(given);
  if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: encoder.sizes.vocabulary });
  const parameters = allocateParameters(encoder.parameters, arrayKinds.training);
  for (const spec of encoder.parameters) initializeParameter(parameters.get(spec.name)!.weight, spec, seed);
  const config = { ...given, architectures: given.architectures ?? [classNameOf(encoder)] };
  return { config, encoder, parameters, carried: [], tokenizer, warnings: [] };
}

type SaveOptions = Pick<CheckpointToSave, 'dtype' | 'also' | 'notes' | 'replace'>;

/** Writes a Hugging Face folder; it appears whole or not at all. */
export async function saveEncoder(folder: string, model: EncoderModel, options: SaveOptions): Promise<void> {
  const tensors = model.encoder.parameters.map((spec) => {
    return { name: spec.name, ...asStored(spec, model.parameters.get(spec.name)!.weight) };
  });
  await saveStored(folder, { ...model, tensors }, options);
}

/** An encoder whose weights are made one at a time, by the names of the parameters. */
export type StreamedEncoder = Pick<EncoderModel, 'config' | 'encoder' | 'carried' | 'tokenizer'> &
  Pick<StreamedModel, 'valuesOf'>;

/** `saveEncoder` for an encoder that is never whole in memory as it is written. */
export async function saveStreamedEncoder(folder: string, model: StreamedEncoder, options: SaveOptions): Promise<void> {
  const tensors = model.encoder.parameters.map((spec) => {
    const data = async () => asStored(spec, await model.valuesOf(spec.name)).data;
    return { name: spec.name, shape: storedShape(spec), data };
  });
  await saveStored(folder, { ...model, tensors }, options);
}

type StoredEncoder = Pick<EncoderModel, 'config' | 'carried' | 'tokenizer'> & Pick<CheckpointToSave, 'tensors'>;

async function saveStored(
  folder: string,
  { config, tensors, carried, tokenizer }: StoredEncoder,
  options: SaveOptions,
): Promise<void> {
  await saveCheckpoint(folder, {
    ...options,
    config,
    tensors: [...tensors, ...carried],
    tokenizerFiles: Object.fromEntries((tokenizer?.files ?? []).map(({ name, bytes }) => [name, bytes])),
  });
}
