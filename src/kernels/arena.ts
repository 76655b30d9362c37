/**
 * A fixed block of shared WebAssembly memory from which float32 arrays are cut, with the kernels bound to it.
 *
 * The memory never grows, so a view stays valid for as long as the arena lives. It is a SharedArrayBuffer: worker threads
 * see the same numbers. Pages cost nothing until they are touched, and read as zero. Nothing is freed one by one; an arena
 * goes when the last view on it goes.
 */
import { UsageError } from '../errors.ts';
import { bindKernels } from './bind-kernels.ts';
import type { Kernels } from './kernels.ts';
import { Memory, type SharedMemory } from './webassembly.ts';

const pageBytes = 65_536;

/** Arrays start at multiples of this: one cache line. */
const alignment = 64;

/**
 * Bytes left free behind each array. Sizes are often multiples of 4096 bytes; without a gap the arrays of a parameter would
 * then share their address modulo 4096, which makes processors mistake one's stores for another's loads. AdamW over four
 * such arrays runs about 2.5 times faster with the gap (bench/kernels.ts).
 */
const gapBytes = 17 * alignment;

/** WebAssembly addresses have 32 bits; the last page is left out so that no end address wraps around to 0. */
export const maximumArenaBytes = 65_535 * pageBytes;

const arenas = new WeakMap<ArrayBufferLike, Arena>();

/** Bytes that an array of `length` float32 takes in an arena, its gap included. */
export function arrayBytes(length: number): number {
  return Math.ceil((length * 4) / alignment) * alignment + gapBytes;
}

export class Arena {
  readonly memory: SharedMemory;
  readonly kernels: Kernels;
  #used = 0;

  /** @throws UsageError where `byteLength` exceeds an arena, or the machine cannot reserve it. */
  constructor(byteLength: number) {
    if (!(byteLength >= 0 && byteLength <= maximumArenaBytes)) {
      throw new UsageError({
        field: 'arena',
        found: `${byteLength} bytes`,
        expected: `at most ${maximumArenaBytes} bytes, the reach of WebAssembly memory`,
        fix: 'Spread the arrays over several arenas.',
      });
    }
    const pages = Math.ceil(byteLength / pageBytes);
    try {
      this.memory = new Memory({ initial: pages, maximum: pages, shared: true });
    } catch (cause) {
      throw new UsageError(
        {
          field: 'memory',
          found: `the system refuses to reserve ${pages * pageBytes} bytes`,
          expected: 'enough memory for the arrays of the model',
          fix: 'Use a smaller model, or free memory and address space (ulimit -v).',
        },
        { cause },
      );
    }
    this.kernels = bindKernels(this.memory);
    arenas.set(this.memory.buffer, this);
  }

  /** The arena that a view lies in, if any. */
  static containing(view: ArrayBufferView): Arena | undefined {
    return arenas.get(view.buffer);
  }

  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  get freeBytes(): number {
    return this.byteLength - this.#used;
  }

  /** A zeroed array of `length` float32, aligned to 64 bytes. */
  allocate(length: number): Float32Array<SharedArrayBuffer> {
    const bytes = arrayBytes(length);
    if (!(bytes <= this.freeBytes)) {
      throw new UsageError({
        field: 'arena',
        found: `a request for ${length} float32 (${bytes} bytes)`,
        expected: `at most the ${this.freeBytes} bytes that are free of ${this.byteLength}`,
        fix: 'Make the arena larger or use a second one.',
      });
    }
    const view = new Float32Array(this.memory.buffer, this.#used, length);
    this.#used += bytes;
    return view;
  }
}
