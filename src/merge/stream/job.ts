/** What a worker is told about one tensor of the output. Plain data, so that it can be sent to another thread. */
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import type { ElementType } from '../../tensor/element-type.ts';
import type { Elements } from '../kernels/elements.ts';
import type { Compatibility, Scalar } from '../method.ts';

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly kind: 'stored';
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly position: number;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

/** A stored matrix with a LoRA update: W + scale B A, with A of [rank, columns] and B of [rows, rank]. */
export interface AdaptedTensor {
  readonly kind: 'adapted';
  readonly weight: StoredTensor;
  readonly updates: readonly { readonly a: StoredTensor; readonly b: StoredTensor; readonly scale: number }[];
  readonly shape: readonly number[];
}

/** What factors amount to, the sum of scale B A: zeros where there are none. */
export interface ProductTensor {
  readonly kind: 'product';
  readonly updates: readonly { readonly a: GivenTensor; readonly b: GivenTensor; readonly scale: number }[];
  readonly shape: readonly number[];
}

/** The upper left block of a larger matrix, or the first elements of a longer vector. */
export interface BlockOfTensor {
  readonly kind: 'block';
  readonly of: StoredTensor | AdaptedTensor;
  readonly shape: readonly number[];
}

/** In `RowMap.row`: the mean of all rows of the source. */
export const meanRow = -1;

/**
 * Rows put together from rows of other tensors: row r is the mean of the entries from `starts[r]` to `starts[r + 1]`, and zero
 * where there is none.
 */
interface RowMap {
  readonly starts: Int32Array;
  /** By entry: which of `sources`, and which row of it. */
  readonly source: Uint16Array;
  readonly row: Int32Array;
}

export interface GatheredTensor {
  readonly kind: 'gathered';
  readonly sources: readonly (StoredTensor | AdaptedTensor)[];
  readonly map: RowMap;
  readonly shape: readonly number[];
}

/** Numbers in memory, for methods that are tried on arrays. */
export interface GivenTensor {
  readonly kind: 'given';
  readonly values: Elements;
  readonly shape: readonly number[];
}

export type SourceTensor = GivenTensor | StoredTensor | AdaptedTensor | ProductTensor | BlockOfTensor | GatheredTensor;

export type Parameters = Readonly<Record<string, Scalar>>;

export interface JobModel {
  /** Names the model in messages and keys its random numbers: its reference as the recipe has it. */
  readonly id: string;
  readonly tensor: SourceTensor;
  readonly parameters: Parameters;
}

export interface TensorJob {
  readonly name: string;
  readonly shape: readonly number[];
  /** Where it goes: the file, by its place in the plan, and bytes from the start of that file. */
  readonly output: { readonly file: number; readonly position: number; readonly dtype: ElementType };
  readonly method: string;
  readonly settings: Parameters;
  readonly base?: JobModel;
  readonly models: readonly JobModel[];
  readonly seed: number;
  readonly compat: Compatibility;
}

/** The base, where there is one, then the models. */
export function sourcesOf({ base, models }: Pick<TensorJob, 'base' | 'models'>): readonly JobModel[] {
  return base ? [base, ...models] : models;
}

/** The files that a tensor is read from. */
export function pathsOf(tensor: SourceTensor): readonly string[] {
  switch (tensor.kind) {
    case 'given':
    case 'product':
      return [];
    case 'stored':
      return [tensor.path];
    case 'adapted':
      return [tensor.weight, ...tensor.updates.flatMap(({ a, b }) => [a, b])].map(({ path }) => path);
    case 'block':
      return pathsOf(tensor.of);
    case 'gathered':
      return tensor.sources.flatMap(pathsOf);
  }
}

/** Element types that are merged; all others are copied as they are. */
export function isStorageType(dtype: ElementType): dtype is StorageType {
  return dtype === 'f32' || dtype === 'f16' || dtype === 'bf16';
}
