/** Arrays to use again: layers have the same shapes, and waiting for the garbage collector would take memory for each. */
export class ArrayPool {
  readonly #free = new Map<string, (Float32Array | Uint8Array)[]>();

  /** With whatever it held last. */
  f32(length: number): Float32Array {
    return (this.#free.get(`f32 ${length}`)?.pop() as Float32Array | undefined) ?? new Float32Array(length);
  }

  /** With whatever it held last. */
  u8(length: number): Uint8Array {
    return (this.#free.get(`u8 ${length}`)?.pop() as Uint8Array | undefined) ?? new Uint8Array(length);
  }

  /** Nobody reads the array any more. */
  give(array: Float32Array | Uint8Array): void {
    const key = `${array instanceof Float32Array ? 'f32' : 'u8'} ${array.length}`;
    const free = this.#free.get(key);
    if (free) free.push(array);
    else this.#free.set(key, [array]);
  }
}
