/**
 * `model.safetensors.index.json`: which shard holds which tensor.
 *
 *   {"metadata": {"total_size": 1234}, "weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors"}}
 */
import { InputError } from '../../errors.ts';
import { isJsonObject, readJsonObject } from '../../files/json-file.ts';

export const singleFileName = 'model.safetensors';
export const indexFileName = 'model.safetensors.index.json';

export interface ShardIndex {
  /** Bytes of all tensors together, where the index says so. */
  readonly totalSize: number | undefined;
  /** File name by tensor name. */
  readonly weightMap: ReadonlyMap<string, string>;
}

/** @throws InputError if the file is not such an index. Its file names are not checked here. */
export async function readShardIndex(path: string): Promise<ShardIndex> {
  const { metadata, weight_map: map } = await readJsonObject(path);
  if (!isJsonObject(map)) throw refuse(path, 'no "weight_map"', 'an object of file names by tensor name');
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string') throw refuse(`${path}, weight_map.${name}`, JSON.stringify(file), 'a file name');
  }
  const totalSize = isJsonObject(metadata) ? metadata.total_size : undefined;
  if (totalSize !== undefined && !Number.isSafeInteger(totalSize)) {
    throw refuse(`${path}, metadata.total_size`, JSON.stringify(totalSize), 'a number of bytes');
  }
  // Checked just above, value by value.
  const entries = Object.entries(map) as [string, string][];
  return { totalSize: totalSize as number | undefined, weightMap: new Map(entries) };
}

/** `model-00002-of-00003.safetensors`, counting from 1. */
export function shardFileName(shard: number, shards: number): string {
  const digits = (value: number): string => String(value).padStart(5, '0');
  return `model-${digits(shard)}-of-${digits(shards)}.safetensors`;
}

export function formatShardIndex(totalSize: number, weightMap: ReadonlyMap<string, string>): string {
  const sorted = [...weightMap].sort(([a], [b]) => (a < b ? -1 : 1));
  const index = { metadata: { total_size: totalSize }, weight_map: Object.fromEntries(sorted) };
  return `${JSON.stringify(index, null, 2)}\n`;
}

function refuse(field: string, found: string, expected: string): InputError {
  return new InputError({ field, found, expected, fix: 'Copy or download the index again.' });
}
