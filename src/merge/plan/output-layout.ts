/** Files of the result, laid out before a tensor is computed: shards, headers and the place of every tensor. */

import {
  formatShardIndex,
  indexFileName,
  shardFileName,
  singleFileName,
} from '../../checkpoint/huggingface/shard-index.ts';
import { formatHeader, type TensorEntry } from '../../checkpoint/safetensors/header.ts';
import { byteWidth, type ElementType, elementCount } from '../../tensor/element-type.ts';

export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export interface OutputFile {
  readonly name: string;
  readonly header: Uint8Array;
  /** Header and data. */
  readonly bytes: number;
}

export interface OutputLayout {
  readonly files: readonly OutputFile[];
  /** By tensor: which of the files, and bytes from its start. */
  readonly places: ReadonlyMap<string, { readonly file: number; readonly position: number }>;
  /** `model.safetensors.index.json`, where there are several files. */
  readonly index?: { readonly name: string; readonly text: string };
  readonly bytes: number;
}

/**
 * @param tensors in the order of the model, which is the order in the files
 * @param shardBytes most bytes of tensors per file; a larger tensor gets a file of its own
 */
export function layOutFiles(tensors: readonly OutputTensor[], shardBytes: number): OutputLayout {
  const shards = splitIntoShards(tensors, shardBytes);
  const places = new Map<string, { readonly file: number; readonly position: number }>();
  const files = shards.map((shard, file): OutputFile => {
    const name = shards.length === 1 ? singleFileName : shardFileName(file + 1, shards.length);
    const entries = new Map<string, TensorEntry>();
    let end = 0;
    for (const tensor of shard) {
      const begin = end;
      end += bytesOfTensor(tensor);
      entries.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, begin, end });
    }
    const header = formatHeader({ tensors: entries, metadata: new Map([['format', 'pt']]) });
    for (const [tensor, { begin }] of entries) places.set(tensor, { file, position: header.length + begin });
    return { name, header, bytes: header.length + end };
  });
  const total = tensors.reduce((sum, tensor) => sum + bytesOfTensor(tensor), 0);
  const weightMap = new Map([...places].map(([name, { file }]) => [name, files[file].name]));
  return {
    files,
    places,
    ...(files.length > 1 && { index: { name: indexFileName, text: formatShardIndex(total, weightMap) } }),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function bytesOfTensor({ shape, dtype }: OutputTensor): number {
  return elementCount(shape)! * byteWidth(dtype);
}

/** In order, each shard as full as it gets; within a shard wider types come first, so that every tensor is aligned. */
function splitIntoShards(tensors: readonly OutputTensor[], shardBytes: number): readonly (readonly OutputTensor[])[] {
  const shards: OutputTensor[][] = [[]];
  let room = shardBytes;
  for (const tensor of tensors) {
    const bytes = bytesOfTensor(tensor);
    if (bytes > room && shards.at(-1)!.length > 0) {
      shards.push([]);
      room = shardBytes;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  return shards.map((shard) => shard.toSorted((a, b) => byteWidth(b.dtype) - byteWidth(a.dtype)));
}
