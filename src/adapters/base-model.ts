/** A model that takes an adapter: its parameters are frozen, in float32 or packed. */
import type { Shape } from '../graph/tensor.ts';
import type { Model } from '../models/model.ts';
import type { PackedWeight } from '../objectives/layers/packed-layers.ts';

/** A parameter without gradient and moments. */
export interface FrozenParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly weight: Float32Array | PackedWeight;
}

export type BaseModel = Omit<Model, 'parameters'> & { readonly parameters: ReadonlyMap<string, FrozenParameter> };
