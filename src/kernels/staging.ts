/**
 * Kernel memory lent for conversions of arrays that live elsewhere: copy in, run a kernel in place, copy or write out.
 * Four blocks of 4 MiB per thread, made at first use; a fifth borrower waits its turn.
 */
import { Arena, arrayBytes } from './arena.ts';
import type { Kernels } from './kernels.ts';

/** Elements of a block. */
export const stagingLength = 2 ** 20;

const blockCount = 4;

interface Pool {
  readonly kernels: Kernels;
  readonly free: Float32Array<SharedArrayBuffer>[];
  readonly waiting: ((block: Float32Array<SharedArrayBuffer>) => void)[];
}

let pool: Pool | undefined;

/** Lends a block of `stagingLength` float32, of arbitrary content, for the duration of `work`. */
export async function withStagingBlock<T>(
  work: (block: Float32Array<SharedArrayBuffer>, kernels: Kernels) => Promise<T>,
): Promise<T> {
  pool ??= createPool();
  const { kernels, free, waiting } = pool;
  const block = free.pop() ?? (await new Promise<Float32Array<SharedArrayBuffer>>((lend) => waiting.push(lend)));
  try {
    return await work(block, kernels);
  } finally {
    const next = waiting.shift();
    if (next) next(block);
    else free.push(block);
  }
}

function createPool(): Pool {
  const arena = new Arena(blockCount * arrayBytes(stagingLength));
  const free = Array.from({ length: blockCount }, () => arena.allocate(stagingLength));
  return { kernels: arena.kernels, free, waiting: [] };
}
