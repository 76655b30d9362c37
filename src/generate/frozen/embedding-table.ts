/** The frozen embedding table: rows are looked up outside the graph, from a copy that a training step cannot change. */
import type { Precision } from '../../models/inference-graph.ts';
import { dequantizeRow, type QuantizedMatrix, quantize } from './quantize.ts';

export class EmbeddingTable {
  readonly bytes: number;
  readonly #width: number;
  readonly #table: Float32Array | QuantizedMatrix;

  /** Held in 8 bits for both integer precisions: a look-up is no product, its error would go straight into the stream. */
  constructor(table: Float32Array, width: number, precision: Precision) {
    this.#width = width;
    this.#table = precision === 'f32' ? table.slice() : quantize([table], width, 'int8');
    this.bytes =
      this.#table instanceof Float32Array
        ? this.#table.byteLength
        : this.#table.data.byteLength + this.#table.scales.byteLength;
  }

  /** target [ids, width] */
  lookUp(ids: ArrayLike<number>, target: Float32Array): void {
    const width = this.#width;
    for (let i = 0; i < ids.length; i++) {
      const row = target.subarray(i * width, (i + 1) * width);
      if (this.#table instanceof Float32Array) {
        row.set(this.#table.subarray(ids[i] * width, (ids[i] + 1) * width));
      } else {
        dequantizeRow(this.#table, ids[i], 'int8', row);
      }
    }
  }
}
