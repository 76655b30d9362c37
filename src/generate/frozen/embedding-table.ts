/** The frozen embedding table: rows are looked up outside the graph, from a copy that a training step cannot change. */
import type { Decoder } from '../../models/decoder.ts';
import type { Precision } from '../../models/inference-graph.ts';
import { dequantizeRow, type QuantizedMatrix, quantize } from './quantize.ts';

export class EmbeddingTable {
  readonly bytes: number;
  readonly #width: number;
  readonly #scale: number;
  readonly #table: Float32Array | QuantizedMatrix;
  /** Learnt positions, added to the rows. */
  readonly #positions: Float32Array | undefined;

  /** Held in 8 bits for both integer precisions: a look-up is no product, its error would go straight into the stream. */
  constructor(
    { names, sizes, embeddingScale }: Pick<Decoder, 'names' | 'sizes' | 'embeddingScale'>,
    parameters: ReadonlyMap<string, { readonly weight: Float32Array }>,
    precision: Precision,
  ) {
    const table = parameters.get(names.embedding)!.weight;
    this.#width = sizes.hidden;
    this.#scale = embeddingScale;
    this.#table = precision === 'f32' ? table.slice() : quantize([table], sizes.hidden, 'int8');
    this.#positions = names.positions === undefined ? undefined : parameters.get(names.positions)!.weight.slice();
    const ofTable =
      this.#table instanceof Float32Array
        ? this.#table.byteLength
        : this.#table.data.byteLength + this.#table.scales.byteLength;
    this.bytes = ofTable + (this.#positions?.byteLength ?? 0);
  }

  /**
   * @param positionOf the position of each id
   * @param target [ids, width]
   */
  lookUp(ids: ArrayLike<number>, positionOf: (i: number) => number, target: Float32Array): void {
    const width = this.#width;
    for (let i = 0; i < ids.length; i++) {
      const row = target.subarray(i * width, (i + 1) * width);
      if (this.#table instanceof Float32Array) {
        row.set(this.#table.subarray(ids[i] * width, (ids[i] + 1) * width));
      } else {
        dequantizeRow(this.#table, ids[i], 'int8', row);
      }
      if (this.#scale !== 1) for (let k = 0; k < width; k++) row[k] *= this.#scale;
      if (this.#positions) {
        const from = positionOf(i) * width;
        for (let k = 0; k < width; k++) row[k] += this.#positions[from + k];
      }
    }
  }
}
