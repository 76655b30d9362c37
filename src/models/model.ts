/** A model in memory: its configuration, architecture, parameters and tokenizer; loaded, made anew, saved. */
import { type CheckpointToSave, saveCheckpoint } from '../checkpoint/huggingface/save-checkpoint.ts';
import type { JsonObject } from '../files/json-file.ts';
import { elementCount } from '../graph/tensor.ts';
import { type ArrayKind, allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import { stream } from '../random/stream.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { customCodeFields, writeCustomCode } from './custom-code.ts';
import type { Decoder, ParameterSpec } from './decoder.ts';
import { installInductionHeads } from './induction-heads.ts';
import { openModelCheckpoint, requireFinite } from './model-checkpoint.ts';
import { classNameOf, createDecoder } from './registry.ts';
import { asStored, storedShape } from './stored-weights.ts';
import { requireWeightMemory } from './weight-memory.ts';

/** `weight` alone to run a model, all four arrays to train it. */
export type Purpose = 'inference' | 'training';

export interface Model {
  /** As in `config.json`. */
  readonly config: JsonObject;
  readonly decoder: Decoder;
  /** By checkpoint name. Gradient and moments are there only in a model for training. */
  readonly parameters: ReadonlyMap<string, Parameter<'weight'> & Partial<Parameter>>;
  readonly tokenizer: Tokenizer | undefined;
  /** Oddities of the checkpoint that do not change what it computes. */
  readonly warnings: readonly string[];
}

/** A model whose parameters have gradients and moments. */
export type TrainableModel = Omit<Model, 'parameters'> & { readonly parameters: ReadonlyMap<string, Parameter> };

/** A model to be read, whatever its weights are kept in: all that saving it takes. */
export type WholeModel = Omit<Model, 'parameters'> & {
  readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
};

export const arrayKinds: Readonly<Record<Purpose, readonly ArrayKind[]>> = {
  inference: ['weight'],
  training: ['weight', 'gradient', 'm', 'v'],
};

export function loadModel(folder: string, purpose: 'training'): Promise<TrainableModel>;
export function loadModel(folder: string, purpose?: Purpose): Promise<Model>;
/**
 * Loads a Hugging Face folder or a GGUF file, weights widened to float32.
 * @throws UsageError for a configuration that is not supported, or weights that do not fit into memory; InputError for a missing or superfluous tensor, a wrong
 * shape, a weight that is not finite, or a tokenizer that does not fit the vocabulary.
 */
export async function loadModel(folder: string, purpose: Purpose = 'inference'): Promise<Model> {
  const { checkpoint, decoder, tokenizer, warnings } = await openModelCheckpoint(folder);
  try {
    const kinds = arrayKinds[purpose];
    const weights = decoder.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    requireWeightMemory(folder, 4 * kinds.length * weights);
    const parameters = allocateParameters(decoder.parameters, kinds);
    await checkpoint.readAllInto([...parameters].map(([name, { weight }]) => [name, weight]));
    for (const { name, arena, weight } of parameters.values()) {
      requireFinite(folder, name, arena.kernels.sumOfSquares(weight));
    }
    return { config: checkpoint.config, decoder, parameters, tokenizer, warnings };
  } finally {
    await checkpoint.close();
  }
}

export interface InitOptions {
  /** Same seed, same weights; each parameter has a stream of its own, so a deeper model shares the layers it has. */
  readonly seed: number;
  readonly tokenizer?: Tokenizer;
  /** Begin with heads that look back and copy, see induction-heads.ts. Default false. */
  readonly inductionHeads?: boolean;
  /** Default `training`. */
  readonly purpose?: Purpose;
}

export function initModel(config: JsonObject, options: InitOptions & { readonly purpose?: 'training' }): TrainableModel;
export function initModel(config: JsonObject, options: InitOptions): Model;
/**
 * A new model with the architecture's initialization. What other programs need to know and `config` leaves open is added:
 * the class of the architecture and the tokenizer's special tokens.
 * @throws UsageError for a configuration that is not supported
 */
export function initModel(
  given: JsonObject,
  { seed, tokenizer, inductionHeads = false, purpose = 'training' }: InitOptions,
): Model {
  const decoder = createDecoder(given);
  if (tokenizer) assertVocabularyAgrees(tokenizer, { vocab_size: decoder.sizes.vocabulary });
  const config = {
    ...specialTokens(tokenizer),
    ...given,
    architectures: given.architectures ?? [classNameOf(decoder)],
  };
  const parameters = allocateParameters(decoder.parameters, arrayKinds[purpose]);
  for (const spec of decoder.parameters) initializeParameter(parameters.get(spec.name)!.weight, spec, seed);
  if (inductionHeads) installInductionHeads({ decoder, parameters });
  return { config, decoder, parameters, tokenizer, warnings: [] };
}

/** Draws a new parameter from the stream of its name. */
export function initializeParameter(
  weight: Float32Array,
  { name, initialization }: Pick<ParameterSpec, 'name' | 'initialization'>,
  seed: number,
): void {
  if ('constant' in initialization) {
    weight.fill(initialization.constant);
    return;
  }
  const random = stream(seed, 'init', name);
  for (let i = 0; i < weight.length; i++) weight[i] = initialization.normal * random.normal();
}

function specialTokens(tokenizer: Tokenizer | undefined): JsonObject {
  const ids = { bos_token_id: tokenizer?.bosId, eos_token_id: tokenizer?.eosId, pad_token_id: tokenizer?.padId };
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined));
}

export type SaveOptions = Omit<CheckpointToSave, 'config' | 'tensors' | 'tokenizerFiles' | 'generationConfig'>;

/** Writes a complete Hugging Face folder; it appears whole or not at all. */
export async function saveModel(folder: string, model: WholeModel, options: SaveOptions): Promise<void> {
  const tensors = model.decoder.parameters.map((spec) => {
    return { name: spec.name, ...asStored(spec, model.parameters.get(spec.name)!.weight) };
  });
  await saveStored(folder, { ...model, tensors }, options);
}

/** A model whose parameters are made one at a time. */
export interface StreamedModel extends Pick<Model, 'config' | 'decoder' | 'tokenizer'> {
  /** A matrix as [out, in]; the array may be that of an earlier parameter. */
  readonly valuesOf: (name: string) => Promise<Float32Array>;
}

/** `saveModel` for a model that is never whole in memory. */
export async function saveStreamed(folder: string, model: StreamedModel, options: SaveOptions): Promise<void> {
  const tensors = model.decoder.parameters.map((spec) => {
    const data = async () => asStored(spec, await model.valuesOf(spec.name)).data;
    return { name: spec.name, shape: storedShape(spec), data };
  });
  await saveStored(folder, { ...model, tensors }, options);
}

type StoredModel = Pick<Model, 'config' | 'decoder' | 'tokenizer'> & Pick<CheckpointToSave, 'tensors'>;

async function saveStored(
  folder: string,
  { config, decoder, tokenizer, tensors }: StoredModel,
  options: SaveOptions,
): Promise<void> {
  const { auto_map: _, ...fields } = config;
  await saveCheckpoint(folder, {
    ...options,
    config: { ...fields, ...customCodeFields(decoder) },
    async also(temporary) {
      await writeCustomCode(temporary, decoder);
      await options.also?.(temporary);
    },
    tensors,
    generationConfig: generationConfigOf(config),
    tokenizerFiles: Object.fromEntries((tokenizer?.files ?? []).map(({ name, bytes }) => [name, bytes])),
  });
}

/** The content of `generation_config.json`: where texts begin and end. */
export function generationConfigOf({ bos_token_id, eos_token_id }: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ bos_token_id, eos_token_id }).filter(([, id]) => id != null));
}
