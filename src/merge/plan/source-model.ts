/** The models of a recipe, opened: their configurations and headers, no weights. */
import { join } from 'node:path';
import { resolveModel } from '../../checkpoint/hub/resolve-model.ts';
import { type Checkpoint, openCheckpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { isEncoderDecoder } from '../../models/encoder-decoder/architectures.ts';
import { hasOwnHead, headName, ownHeadWarning } from '../../models/tied-head.ts';
import type { ModelReference } from '../recipe/model-reference.ts';
import type { AdaptedTensor, StoredTensor } from '../stream/job.ts';
import { type AdapterSource, openAdapterSource } from './adapter-source.ts';
import { type FileIdentities, identify } from './file-identity.ts';
import { inputTable } from './tensor-place.ts';

export interface SourceModel {
  readonly reference: ModelReference;
  readonly folder: string;
  readonly config: JsonObject;
  /** Stored names, in the order of the files. */
  readonly names: readonly string[];
  /** Whether the output table is the input table. */
  readonly isTied: boolean;
  /** Name of the input table. */
  readonly embedding: string;
  /** Of the deeper side, where there are two. */
  readonly layers: number;
  readonly isEncoderDecoder: boolean;
  /** What an encoder-decoder's states are multiplied with before the head. */
  readonly headScale?: number;
  readonly warnings: readonly string[];
  /** A tensor by its name, or by what stands for it (the input table for a tied head); undefined where there is none. */
  find(name: string): StoredTensor | AdaptedTensor | undefined;
  /** Files of weights. */
  readonly files: FileIdentities;
}

export interface OpenModelOptions {
  /** From a name in the recipe to a folder on this machine; default: paths as they are, hub ids through the hub's cache. */
  readonly resolve?: (name: string) => Promise<string>;
}

/** @throws InputError for a folder that is no model in safetensors form. */
export async function openSourceModel(
  reference: ModelReference,
  { resolve = resolveModel }: OpenModelOptions = {},
): Promise<SourceModel> {
  const folder = await resolve(reference.model);
  const adapter = reference.lora === undefined ? undefined : await openAdapterSource(await resolve(reference.lora));
  // Headers are nearly all that is needed here; workers open the files again.
  const checkpoint = await openCheckpoint(folder);
  let tensors: SourceTensors;
  try {
    refuseQuantized(checkpoint);
    tensors = await tensorsOf(checkpoint);
  } finally {
    await checkpoint.close();
  }
  const paths = [...checkpoint.tensors.keys()].map((name) => checkpoint.locate(name).path);
  const files = await identify(adapter ? [...paths, adapter.path] : paths);
  return describe({ reference, folder, tensors, adapter, files });
}

/** The tensors of a checkpoint, and what they are. */
export interface SourceTensors
  extends Pick<
    SourceModel,
    'config' | 'isTied' | 'embedding' | 'layers' | 'isEncoderDecoder' | 'headScale' | 'warnings'
  > {
  readonly stored: ReadonlyMap<string, StoredTensor>;
}

async function tensorsOf(checkpoint: Checkpoint): Promise<SourceTensors> {
  const { config, folder } = checkpoint;
  const stored = storedTensors(checkpoint);
  if (isEncoderDecoder(config)) {
    // Only these need the code of models: to load it takes as long as to merge some large matrices.
    const { encoderDecoderTensors } = await import('./encoder-decoder-source.ts');
    return encoderDecoderTensors(checkpoint, stored);
  }
  const embedding = inputTable(stored.keys());
  const isCalledTied = config.tie_word_embeddings === true;
  const isUntied = isCalledTied && (await hasOwnHead(checkpoint, embedding));
  return {
    config,
    stored,
    isTied: stored.has(embedding) && (!stored.has(headName) || (isCalledTied && !isUntied)),
    embedding,
    layers: layerCount(config, folder),
    isEncoderDecoder: false,
    warnings: [...checkpoint.warnings, ...(isUntied ? [ownHeadWarning(folder)] : [])],
  };
}

interface OpenedFolder extends Pick<SourceModel, 'reference' | 'folder' | 'files'> {
  readonly tensors: SourceTensors;
  readonly adapter: AdapterSource | undefined;
}

function describe({ tensors: { stored, ...facts }, adapter, ...opened }: OpenedFolder): SourceModel {
  const { isTied, embedding } = facts;
  adapter?.requireTargets(stored);
  return {
    ...opened,
    ...facts,
    names: [...stored.keys()],
    find(name) {
      const inFile = isTied && name === headName ? embedding : name;
      const own = stored.get(inFile);
      return own && adapter ? adapter.apply(inFile, own) : own;
    },
  };
}

/** The tensors of a checkpoint by their places, for readers that open its files again. */
export function storedTensors({ tensors, locate }: Checkpoint): ReadonlyMap<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, { dtype, shape }]) => [name, { kind: 'stored', ...locate(name), dtype, shape }]),
  );
}

const layerKeys = ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'] as const;

/** Where the configuration says how many layers there are. */
export function layerCountKey(config: JsonObject): string | undefined {
  return layerKeys.find((key) => typeof config[key] === 'number');
}

function layerCount(config: JsonObject, folder: string): number {
  const key = layerCountKey(config);
  const count = key === undefined ? 0 : config[key];
  if (Number.isSafeInteger(count) && (count as number) >= 0 && (count as number) < 1e5) return count as number;
  throw new InputError({
    field: `${join(folder, 'config.json')}, ${key}`,
    found: String(count),
    expected: 'a number of layers',
    fix: 'Correct the configuration.',
  });
}

/** The mean of packed integers is not the integers of the mean. */
function refuseQuantized({ config, folder }: Checkpoint): void {
  if (config.quantization_config == null) return;
  throw new InputError({
    field: `${join(folder, 'config.json')}, quantization_config`,
    found: 'quantised weights',
    expected: 'floating-point numbers',
    fix: 'Convert the model first, with finery export MODEL --to hf --dtype bf16 --out FOLDER.',
  });
}
