/** Memory that segments read and write in place: a typed array and the runtime's view of it. */
import { type DType, elementCount, type Shape } from '../graph/tensor.ts';
import type { NativeLibrary, Pointer } from './native-library.ts';

export type NumericArray = Float32Array | Int32Array | Uint8Array;

/** Quantized weights are bytes to the runtime; graphs of ours compute with the types of `DType`. */
export interface BufferType {
  readonly dtype: DType | 'u8';
  readonly shape: Shape;
}

/** ONNXTensorElementDataType of the C interface. */
const elementTypes = { f32: 1, u8: 2, i32: 6, bool: 9 } as const;

const arrays = { f32: Float32Array, u8: Uint8Array, i32: Int32Array, bool: Uint8Array } as const;

const formatType = ({ dtype, shape }: BufferType): string => `${dtype}[${shape.join(',')}]`;

/** A tensor's memory. It stays where it is until `release`: nothing is copied on its way into or out of a segment. */
export class Buffer {
  readonly type: BufferType;
  readonly array: NumericArray;
  readonly value: Pointer;
  readonly #library: NativeLibrary;

  constructor(library: NativeLibrary, memoryInfo: Pointer, type: BufferType, array?: NumericArray) {
    const count = elementCount(type.shape);
    this.#library = library;
    this.type = type;
    this.array = array ?? new arrays[type.dtype](count);
    if (this.array.length !== count || !(this.array instanceof arrays[type.dtype])) {
      throw new Error(
        `${this.array.constructor.name} of ${this.array.length} elements cannot hold ${formatType(type)}`,
      );
    }
    // Reading `buffer` moves a tiny array out of the JavaScript heap, where the garbage collector would move it.
    void this.array.buffer;
    const shape = BigInt64Array.from(type.shape, BigInt);
    const { byteLength } = this.array;
    const element = elementTypes[type.dtype];
    this.value = library.create(
      'createTensorWithData',
      memoryInfo,
      this.array,
      byteLength,
      shape,
      shape.length,
      element,
    );
  }

  get f32(): Float32Array {
    if (!(this.array instanceof Float32Array)) throw new Error(`${formatType(this.type)} is not f32`);
    return this.array;
  }

  get i32(): Int32Array {
    if (!(this.array instanceof Int32Array)) throw new Error(`${formatType(this.type)} is not i32`);
    return this.array;
  }

  /** Gives the runtime's view back; the array itself belongs to the garbage collector. */
  release(): void {
    this.#library.release('value', this.value);
  }
}
