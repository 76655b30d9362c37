/**
 * Writes a complete Hugging Face model folder: configuration, weights (one file, or shards with an index), generation
 * settings and tokenizer files, then a manifest of checksums by which a damaged folder is recognised later. The folder
 * appears whole or not at all, and the same input gives the same bytes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { writeFolderAtomically } from '../../files/atomic-write.ts';
import { requireDiskSpace } from '../../files/disk-space.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { type ManifestNotes, manifestFileName, writeManifest } from '../manifest.ts';
import { requireRepresentable } from '../representable.ts';
import { type StorageType, storedBytes, type TensorToWrite, writeSafetensors } from '../safetensors/write.ts';
import { formatConfig } from './format-config.ts';
import { formatShardIndex, indexFileName, shardFileName, singleFileName } from './shard-index.ts';

export interface CheckpointToSave {
  /** Written as `config.json`, with the element type of the weights added. */
  readonly config: JsonObject;
  /** By Hugging Face name; tied weights once. */
  readonly tensors: Iterable<Omit<TensorToWrite, 'dtype'>>;
  readonly dtype: StorageType;
  /** Most bytes of tensors per file; default 5 GB, as in transformers. A larger tensor gets a file of its own. */
  readonly shardBytes?: number;
  /** Written as `generation_config.json`. */
  readonly generationConfig?: JsonObject;
  /** Passed through by file name: `tokenizer.json`, `tokenizer_config.json`, `special_tokens_map.json`, a chat template. */
  readonly tokenizerFiles?: Readonly<Record<string, string | Uint8Array>>;
  /** Writes further files into the folder, before its manifest is made. */
  readonly also?: (folder: string) => Promise<void>;
  /** Goes into the manifest. */
  readonly notes?: ManifestNotes;
  /** Refuse weights that are, or would become, NaN or infinite. Default yes. */
  readonly checkWeights?: boolean;
  /** Whether a folder that is there already may be replaced. Default no. */
  readonly replace?: boolean;
}

/** What the element types are called in `config.json`. */
const torchNames: Readonly<Record<StorageType, string>> = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' };

/**
 * @throws UsageError if the folder exists, a file name is not allowed or the disk has no room; InputError naming the tensor
 * for weights that `dtype` cannot hold
 */
export async function saveCheckpoint(folder: string, checkpoint: CheckpointToSave): Promise<void> {
  const {
    config,
    dtype,
    shardBytes = 5e9,
    generationConfig,
    tokenizerFiles = {},
    also,
    notes,
    checkWeights = true,
    replace,
  } = checkpoint;
  const given = [...checkpoint.tensors].map((tensor) => ({ ...tensor, dtype }));
  Object.keys(tokenizerFiles).forEach(requirePlainName);
  const tensors = checkWeights ? given.map(checked) : given;
  await requireDiskSpace(folder, totalBytes(tensors));
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      const write = (name: string, content: string | Uint8Array): Promise<void> =>
        writeFile(join(temporary, name), content);
      await write('config.json', formatConfig({ ...config, dtype: torchNames[dtype], torch_dtype: torchNames[dtype] }));
      if (generationConfig) await write('generation_config.json', formatJson(generationConfig));
      for (const [name, content] of Object.entries(tokenizerFiles)) await write(name, content);
      await writeWeights(temporary, tensors, shardBytes);
      await also?.(temporary);
      await writeManifest(temporary, notes);
    },
    { replace },
  );
}

/** Values that there are are checked now, others when they are made. */
function checked(tensor: TensorToWrite): TensorToWrite {
  const { name, data, dtype } = tensor;
  if (typeof data !== 'function') {
    requireRepresentable(name, data, dtype);
    return tensor;
  }
  const make = async () => {
    const values = await data();
    requireRepresentable(name, values, dtype);
    return values;
  };
  return { ...tensor, data: make };
}

async function writeWeights(folder: string, tensors: readonly TensorToWrite[], shardBytes: number): Promise<void> {
  // transformers reads files without this mark as if they came from another framework.
  const options = { metadata: { format: 'pt' } };
  const shards = splitIntoShards(tensors, shardBytes);
  if (shards.length <= 1) return writeSafetensors(join(folder, singleFileName), tensors, options);
  const weightMap = new Map<string, string>();
  for (const [index, shard] of shards.entries()) {
    const file = shardFileName(index + 1, shards.length);
    await writeSafetensors(join(folder, file), shard, options);
    for (const { name } of shard) {
      if (weightMap.has(name)) throw refuse(`tensor ${name}`, 'a second tensor of this name', 'names that differ');
      weightMap.set(name, file);
    }
  }
  await writeFile(join(folder, indexFileName), formatShardIndex(totalBytes(tensors), weightMap));
}

/** In order, each shard as full as it gets. */
function splitIntoShards(tensors: readonly TensorToWrite[], shardBytes: number): readonly (readonly TensorToWrite[])[] {
  const shards: TensorToWrite[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = totalBytes([tensor]);
    if (shards.length === 0 || bytes > room) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  return shards;
}

function totalBytes(tensors: readonly TensorToWrite[]): number {
  return tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0);
}

function formatJson(value: JsonObject): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A tokenizer file may have any plain name except those that this module writes. */
function requirePlainName(name: string): void {
  const taken = ['config.json', 'generation_config.json', indexFileName, manifestFileName];
  if (/^[A-Za-z0-9_][\w.-]*$/.test(name) && !taken.includes(name) && !name.endsWith('.safetensors')) return;
  throw refuse(
    'tokenizerFiles',
    `the file name ${JSON.stringify(name)}`,
    'a plain name that is not one of the other files',
  );
}

function refuse(field: string, found: string, expected: string): UsageError {
  return new UsageError({ field, found, expected, fix: 'Correct what is being saved.' });
}
