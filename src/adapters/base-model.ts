/** A model that takes an adapter: its parameters are frozen, in float32 or packed. */
import type { Shape } from '../graph/tensor.ts';
import type { Model } from '../models/model.ts';
import type { PackedWeight } from '../objectives/layers/packed-layers.ts';

/** A matrix in fewer bits that an adapter can go over. */
export interface PackedMatrix extends PackedWeight {
  /** Sums of squares over each of so many rows of what `unpack` writes. */
  squaredNorms(rows: number): Float32Array;
}

/** A parameter without gradient and moments. */
export interface FrozenParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly weight: Float32Array | PackedMatrix;
}

export type BaseModel = Omit<Model, 'parameters'> & { readonly parameters: ReadonlyMap<string, FrozenParameter> };
