/**
 * The memory of one worker: a WebAssembly memory from which the arrays of one tensor are cut, and all given back when the
 * tensor is done. Address space is reserved generously; pages cost nothing until they are touched.
 */
import { UsageError } from '../../errors.ts';
import { Arena, arrayBytes } from '../../kernels/arena.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { bindMergeKernels } from '../kernels/bind-merge-kernels.ts';
import type { MergeKernels } from '../kernels/kernels.ts';

const defaultBytes = 2 ** 30;

export type StreamKernels = MergeKernels &
  Pick<Kernels, 'fill' | 'accumulate' | 'scale' | 'widen' | 'narrow' | 'narrowFloat64'>;

export class Workspace {
  readonly kernels: StreamKernels;
  readonly #memory: Float32Array<SharedArrayBuffer>;
  #used = 0;

  constructor(bytes = defaultBytes) {
    const arena = new Arena(bytes);
    this.#memory = arena.allocate(Math.floor((bytes - arrayBytes(0)) / 64) * 16);
    this.kernels = { ...arena.kernels, ...bindMergeKernels(arena.memory) };
  }

  /** Everything that was taken is free again. */
  reset(): void {
    this.#used = 0;
  }

  /** Content is arbitrary. */
  floats(length: number): Float32Array<SharedArrayBuffer> {
    return new Float32Array(this.#memory.buffer, this.#take(length), length);
  }

  /** Zeroes. */
  counts(length: number): Uint32Array<SharedArrayBuffer> {
    return new Uint32Array(this.#memory.buffer, this.#take(length), length).fill(0);
  }

  /** Zeroes. */
  doubles(length: number): Float64Array<SharedArrayBuffer> {
    return new Float64Array(this.#memory.buffer, this.#take(2 * length), length).fill(0);
  }

  /** Takes room for `words` of 4 bytes, with the gap that keeps arrays from sharing their low address bits (see Arena). */
  #take(words: number): number {
    const offset = this.#used;
    this.#used += arrayBytes(words) / 4;
    if (this.#used > this.#memory.length) {
      throw new UsageError({
        field: 'merge',
        found: `rows and models that need ${4 * this.#used} bytes at a time`,
        expected: `at most the ${4 * this.#memory.length} bytes of a worker`,
        fix: 'Merge fewer models at once.',
      });
    }
    return this.#memory.byteOffset + 4 * offset;
  }
}
