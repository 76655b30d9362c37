/** Rotary tables of each kind of layers, in buffers that follow the texts of a batch where angles depend on their length. */
import type { TensorType } from '../../graph/tensor.ts';
import type { Layers } from '../../models/decoder.ts';
import type { Buffer, BufferType } from '../../runtime/buffer.ts';

interface Tables {
  readonly cos: Buffer;
  readonly sin: Buffer;
}

export class RotaryBuffers {
  readonly #model: Pick<Layers, 'layerKinds' | 'settledPositions'>;
  readonly #length: number;
  /** By kind: [length, rotated channels / 2] each; none where positions are not rotated. */
  readonly tables: readonly (Tables | undefined)[];
  /** Length of the text that the tables are for. */
  #textLength: number;

  /** @param length tokens of a row */
  constructor(
    model: Pick<Layers, 'layerKinds' | 'settledPositions'>,
    length: number,
    bufferOf: (type: BufferType, array: Float32Array) => Buffer,
  ) {
    this.#model = model;
    this.#length = length;
    this.#textLength = length;
    this.tables = model.layerKinds.map(({ rotaryWidth, rotaryTables }) => {
      const tables = rotaryTables(length);
      const type: TensorType = { dtype: 'f32', shape: [length, rotaryWidth / 2] };
      return tables && { cos: bufferOf(type, tables.cos), sin: bufferOf(type, tables.sin) };
    });
  }

  /** Long-rope and its like: angles are those of the batch's longest text. */
  follow(positions: Int32Array): void {
    const { settledPositions, layerKinds } = this.#model;
    if (this.#length <= settledPositions) return;
    const longest = positions.reduce((most, position) => Math.max(most, position + 1), settledPositions);
    if (longest === this.#textLength) return;
    this.#textLength = longest;
    for (const [kind, { rotaryTables }] of layerKinds.entries()) {
      const tables = rotaryTables(this.#length, longest);
      if (!tables) continue;
      this.tables[kind]!.cos.f32.set(tables.cos);
      this.tables[kind]!.sin.f32.set(tables.sin);
    }
  }
}
