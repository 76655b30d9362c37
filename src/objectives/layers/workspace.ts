/** Segments and buffers of one program, which are released together. */
import type { OnnxModel } from '../../onnx/model-proto.ts';
import type { Buffer, BufferType, NumericArray } from '../../runtime/buffer.ts';
import type { Engine, Segment } from '../../runtime/engine.ts';

export class Workspace {
  readonly #engine: Engine;
  readonly #segments = new Map<string, Segment>();
  readonly #buffers: Buffer[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  buffer(type: BufferType, array?: NumericArray): Buffer {
    const buffer = this.#engine.buffer(type, array);
    this.#buffers.push(buffer);
    return buffer;
  }

  /** A view of rows [start, start + rows) of an array with rows of `width`; without one, of single values. */
  rowsOf(array: Float32Array | Int32Array, start: number, rows: number, width?: number): Buffer {
    const part = array.subarray(start * (width ?? 1), (start + rows) * (width ?? 1));
    const shape = width === undefined ? [rows] : [rows, width];
    return this.buffer({ dtype: part instanceof Float32Array ? 'f32' : 'i32', shape }, part);
  }

  /** Compiled when it is first asked for. */
  segment(name: string, build: () => OnnxModel): Segment {
    const segment = this.#segments.get(name) ?? this.#engine.compile(name, build());
    this.#segments.set(name, segment);
    return segment;
  }

  release(): void {
    for (const segment of this.#segments.values()) this.#engine.release(segment);
    for (const buffer of this.#buffers) buffer.release();
  }
}
