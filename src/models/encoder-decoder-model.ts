/** An encoder-decoder in memory: its configuration, architecture, parameters and tokenizer; loaded, made anew, saved. */
import { type CheckpointToSave, saveCheckpoint } from '../checkpoint/huggingface/save-checkpoint.ts';
import type { JsonObject } from '../files/json-file.ts';
import { elementCount } from '../graph/tensor.ts';
import { allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { sharedTables } from './encoder-decoder/shared-tables.ts';
import type { EncoderDecoder } from './encoder-decoder.ts';
import { arrayKinds, initializeParameter, type Purpose } from './model.ts';
import { misfit, requireFinite, requireShapes } from './model-checkpoint.ts';
import { openStored, storedConfig } from './open-stored.ts';
import { classNameOf, createEncoderDecoder, isEncoderDecoder } from './registry.ts';
import type { StoredTensors } from './stored-weights.ts';
import { requireWeightMemory } from './weight-memory.ts';

export interface EncoderDecoderModel {
  /** As in `config.json`. */
  readonly config: JsonObject;
  readonly architecture: EncoderDecoder;
  /** By checkpoint name. Gradient and moments are there only in a model for training. */
  readonly parameters: ReadonlyMap<string, Parameter<'weight'> & Partial<Parameter>>;
  readonly tokenizer: Tokenizer | undefined;
  /** Oddities of the checkpoint that do not change what it computes. */
  readonly warnings: readonly string[];
}

/** An encoder-decoder whose parameters have gradients and moments. */
export type TrainableEncoderDecoder = Omit<EncoderDecoderModel, 'parameters'> & {
  readonly parameters: ReadonlyMap<string, Parameter>;
};

/** Whether a path is a folder or a GGUF file of an encoder-decoder, as its configuration says. */
export async function holdsEncoderDecoder(path: string): Promise<boolean> {
  return isEncoderDecoder(await storedConfig(path));
}

export function loadEncoderDecoder(folder: string, purpose: 'training'): Promise<TrainableEncoderDecoder>;
export function loadEncoderDecoder(folder: string, purpose?: Purpose): Promise<EncoderDecoderModel>;
/**
 * Loads a Hugging Face folder, from a quantised form too, or a GGUF file; weights widened to float32. A head that is called
 * tied, and stored with other values than the embedding, is one of its own, as in transformers 5.
 * @throws UsageError for a configuration that is not supported, or weights that do not fit into memory; InputError for a
 * missing or superfluous tensor, a wrong shape, copies of the embedding that are none, a weight that is not finite, or a
 * tokenizer that does not fit
 */
export async function loadEncoderDecoder(folder: string, purpose: Purpose = 'inference'): Promise<EncoderDecoderModel> {
  const { stored, close, ...opened } = await openEncoderDecoderCheckpoint(folder);
  try {
    const { architecture } = opened;
    const kinds = arrayKinds[purpose];
    const weights = architecture.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    requireWeightMemory(folder, 4 * kinds.length * weights);
    const parameters = allocateParameters(architecture.parameters, kinds);
    await stored.readAllInto([...parameters].map(([name, { weight }]) => [name, weight] as const));
    for (const { name, arena, weight } of parameters.values()) {
      requireFinite(folder, name, arena.kernels.sumOfSquares(weight));
    }
    return { ...opened, parameters };
  } finally {
    await close();
  }
}

/** A stored encoder-decoder that was looked at, with its weights still to be read. */
export interface EncoderDecoderCheckpoint
  extends Pick<EncoderDecoderModel, 'config' | 'architecture' | 'tokenizer' | 'warnings'> {
  /** The weights, by the names of the parameters. */
  readonly stored: StoredTensors;
  close(): Promise<void>;
}

/** Opens a model as `loadEncoderDecoder` does, and reads no weights but copies of the embedding. Close it after use. @throws as `loadEncoderDecoder` */
export async function openEncoderDecoderCheckpoint(folder: string): Promise<EncoderDecoderCheckpoint> {
  const { checkpoint, readTokenizer } = await openStored(folder);
  try {
    const { config, stored } = await sharedTables(folder, checkpoint);
    const architecture = createEncoderDecoder(config);
    requireShapes(folder, architecture.parameters, stored);
    const warnings = [...checkpoint.warnings, ...leftOut(folder, architecture, stored)];
    const tokenizer = await readTokenizer();
    if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: architecture.sizes.vocabulary });
    return { config, architecture, stored, tokenizer, warnings, close: () => checkpoint.close() };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** Reads some of a stored model's parameters into arrays of their sizes. @throws InputError for one that is not there */
export async function readEncoderDecoderParameters(
  folder: string,
  targets: Parameters<StoredTensors['readAllInto']>[0],
): Promise<void> {
  const { checkpoint } = await openStored(folder);
  try {
    await (await sharedTables(folder, checkpoint)).stored.readAllInto(targets);
  } finally {
    await checkpoint.close();
  }
}

/** @returns warnings @throws InputError for a tensor that the architecture has no place for */
function leftOut(folder: string, architecture: EncoderDecoder, { tensors }: StoredTensors): string[] {
  const known = new Set(architecture.parameters.map(({ name }) => name));
  return [...tensors.keys()].flatMap((name) => {
    if (known.has(name)) return [];
    if (architecture.isBeside(name)) return [`${folder}: tensor ${name} is not read and left out.`];
    throw misfit(folder, name, 'a tensor that the architecture has no place for', 'none');
  });
}

export interface InitEncoderDecoderOptions {
  /** Same seed, same weights, whatever else there is: each parameter has a stream of its own. */
  readonly seed: number;
  readonly tokenizer?: Tokenizer;
}

/** A new model with the architecture's initialization, for training. @throws UsageError for a configuration that is not supported */
export function initEncoderDecoder(
  given: JsonObject,
  { seed, tokenizer }: InitEncoderDecoderOptions,
): TrainableEncoderDecoder {
  const architecture = createEncoderDecoder(given);
  if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: architecture.sizes.vocabulary });
  const parameters = allocateParameters(architecture.parameters, arrayKinds.training);
  for (const spec of architecture.parameters) initializeParameter(parameters.get(spec.name)!.weight, spec, seed);
  const config = {
    is_encoder_decoder: true,
    decoder_start_token_id: architecture.startId,
    ...given,
    architectures: given.architectures ?? [classNameOf(architecture)],
  };
  return { config, architecture, parameters, tokenizer, warnings: [] };
}

export type SaveEncoderDecoderOptions = Pick<CheckpointToSave, 'dtype' | 'also' | 'notes' | 'replace'>;

/** Writes a Hugging Face folder; it appears whole or not at all. */
export const saveEncoderDecoder = (
  folder: string,
  {
    parameters,
    ...model
  }: Pick<EncoderDecoderModel, 'config' | 'architecture' | 'tokenizer'> & {
    readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
  },
  options: SaveEncoderDecoderOptions,
): Promise<void> =>
  saveStreamedEncoderDecoder(folder, { ...model, valuesOf: async (name) => parameters.get(name)!.weight }, options);

/** `saveEncoderDecoder` for parameters that are made one at a time; the array may be that of an earlier one. */
export async function saveStreamedEncoderDecoder(
  folder: string,
  {
    config,
    architecture,
    tokenizer,
    valuesOf,
  }: Pick<EncoderDecoderModel, 'config' | 'architecture' | 'tokenizer'> & {
    readonly valuesOf: (name: string) => Promise<Float32Array>;
  },
  options: SaveEncoderDecoderOptions,
): Promise<void> {
  await saveCheckpoint(folder, {
    ...options,
    config,
    tensors: architecture.parameters.map(({ name, shape }) => ({ name, shape, data: () => valuesOf(name) })),
    generationConfig: {
      decoder_start_token_id: architecture.startId,
      eos_token_id: config.eos_token_id ?? architecture.endIds,
      pad_token_id: config.pad_token_id ?? 0,
    },
    tokenizerFiles: Object.fromEntries((tokenizer?.files ?? []).map(({ name, bytes }) => [name, bytes])),
  });
}
