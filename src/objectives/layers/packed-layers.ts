/** Matrices that are held in fewer bits: one place for all layers, filled for the layer that is computed. */
import type { Layers } from '../../models/decoder.ts';
import type { Buffer, BufferType } from '../../runtime/buffer.ts';

/** A block's matrix that is held in fewer bits and exists in float32 only while its layer is computed. */
export interface PackedWeight {
  /** Writes the matrix, row-major. */
  unpack(target: Float32Array): Promise<void>;
}

export const isPacked = (weight: Float32Array | PackedWeight): weight is PackedWeight =>
  !(weight instanceof Float32Array);

type Weights = ReadonlyMap<string, { readonly weight: Float32Array | PackedWeight }>;

export class PackedLayers {
  /** Of packed parameters, by their names in the checkpoint: the place that they share with those of other layers. */
  readonly places = new Map<string, Buffer>();
  /** By layer; empty where no weight is packed. */
  readonly #layers: (readonly [weight: PackedWeight, place: Float32Array])[][];
  #unpacked = -1;

  constructor(
    { blockParameters, blockParameterName, sizes }: Pick<Layers, 'blockParameters' | 'blockParameterName' | 'sizes'>,
    weights: Weights,
    bufferOf: (type: BufferType) => Buffer,
  ) {
    this.#layers = Array.from({ length: sizes.layers }, () => []);
    for (const [name, shape] of Object.entries(blockParameters)) {
      const names = this.#layers.map((_, layer) => blockParameterName(layer, name));
      if (!names.some((one) => isPacked(weights.get(one)!.weight))) continue;
      const place = bufferOf({ dtype: 'f32', shape });
      names.forEach((one, layer) => {
        const { weight } = weights.get(one)!;
        if (!isPacked(weight)) return;
        this.places.set(one, place);
        this.#layers[layer].push([weight, place.f32]);
      });
    }
  }

  /** What a run of a layer's segment needs before it: its packed matrices in their places. */
  unpacking(layer: number): (() => Promise<void>)[] {
    const packed = this.#layers[layer];
    if (packed.length === 0) return [];
    return [
      async () => {
        if (this.#unpacked === layer) return;
        for (const [weight, place] of packed) await weight.unpack(place);
        this.#unpacked = layer;
      },
    ];
  }
}
