/**
 * Writes a checkpoint again with some of its tensors replaced. All others are copied byte by byte, in pieces, and keep
 * their element types and files; what is in memory at a time is a piece.
 */
import { type FileHandle, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../errors.ts';
import { writeFileAtomically, writeFolderAtomically } from '../../files/atomic-write.ts';
import { requireDiskSpace } from '../../files/disk-space.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { byteWidth, elementCount } from '../../tensor/element-type.ts';
import { writeManifest } from '../manifest.ts';
import { requireRepresentable } from '../representable.ts';
import { formatHeader, type TensorEntry } from '../safetensors/header.ts';
import { type StorageType, writeFully, writeValues } from '../safetensors/write.ts';
import { formatConfig } from './format-config.ts';
import type { Checkpoint } from './open-checkpoint.ts';
import { formatShardIndex, indexFileName } from './shard-index.ts';

export interface ReplacedTensor {
  readonly shape: readonly number[];
  /** All values in order, in pieces of any length; an array may be used again for the next piece. */
  values(): AsyncIterable<Float32Array>;
}

export interface RewriteOptions {
  readonly config: JsonObject;
  /** By stored name. */
  readonly replaced: ReadonlyMap<string, ReplacedTensor>;
  /** By file name: tokenizer files, `generation_config.json`. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

const copiedBytes = 2 ** 24;

/**
 * @throws UsageError if the folder exists or the disk has no room; InputError for a replaced tensor that is not stored as
 * f32, f16 or bf16, or whose values that type cannot hold
 */
export async function rewriteCheckpoint(
  folder: string,
  source: Checkpoint,
  { config, replaced, files }: RewriteOptions,
): Promise<void> {
  const shards = layOutShards(source, replaced);
  const bytes = [...shards.values()]
    .flatMap((entries) => [...entries.values()])
    .reduce((sum, { begin, end }) => sum + end - begin, 0);
  await requireDiskSpace(folder, bytes);
  await writeFolderAtomically(folder, async (temporary) => {
    await writeFile(join(temporary, 'config.json'), formatConfig(config));
    for (const [name, content] of Object.entries(files)) await writeFile(join(temporary, name), content);
    for (const [shard, tensors] of shards) {
      await writeFileAtomically(join(temporary, shard), (file) => writeShard(file, source, tensors, replaced));
    }
    if (shards.size > 1) {
      const weightMap = [...shards].flatMap(([shard, tensors]) =>
        [...tensors.keys()].map((name) => [name, shard] as const),
      );
      await writeFile(join(temporary, indexFileName), formatShardIndex(bytes, new Map(weightMap)));
    }
    await writeManifest(temporary);
  });
}

async function writeShard(
  file: FileHandle,
  source: Checkpoint,
  tensors: ReadonlyMap<string, TensorEntry>,
  replaced: RewriteOptions['replaced'],
): Promise<void> {
  await writeFully(file, formatHeader({ tensors, metadata: new Map([['format', 'pt']]) }));
  for (const [name, entry] of tensors) {
    const replacement = replaced.get(name);
    if (!replacement) {
      await copy(source, name, entry.end - entry.begin, (piece) => writeFully(file, piece));
      continue;
    }
    const dtype = storageTypeOf(source, name, entry);
    for await (const values of replacement.values()) {
      requireRepresentable(name, values, dtype);
      await writeValues(file, values, dtype);
    }
  }
}

/** Tensors of each file in their order, with the offsets they will have. */
function layOutShards(
  source: Checkpoint,
  replaced: RewriteOptions['replaced'],
): ReadonlyMap<string, ReadonlyMap<string, TensorEntry>> {
  const shards = new Map<string, Map<string, TensorEntry>>();
  const ends = new Map<string, number>();
  const inOrder = [...source.tensors].sort(([, a], [, b]) => a.begin - b.begin);
  for (const [name, { dtype, shape: stored }] of inOrder) {
    const shard = basename(source.locate(name).path);
    const tensors = shards.get(shard) ?? new Map<string, TensorEntry>();
    shards.set(shard, tensors);
    const begin = ends.get(shard) ?? 0;
    const shape = replaced.get(name)?.shape ?? stored;
    const end = begin + elementCount(shape)! * byteWidth(dtype);
    tensors.set(name, { dtype, shape, begin, end });
    ends.set(shard, end);
  }
  return shards;
}

async function copy(
  source: Checkpoint,
  name: string,
  bytes: number,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < bytes; done += copiedBytes) {
    await write(await source.readBytes(name, done, Math.min(copiedBytes, bytes - done)));
  }
}

function storageTypeOf({ folder }: Checkpoint, name: string, { dtype }: TensorEntry): StorageType {
  if (dtype === 'f32' || dtype === 'f16' || dtype === 'bf16') return dtype;
  throw new InputError({
    field: `${folder}, tensor ${JSON.stringify(name)}`,
    found: `element type ${dtype}`,
    expected: 'f32, f16 or bf16',
    fix: 'Write the model in one of these types first, with finery export MODEL --to hf.',
  });
}
