import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { Arena, maximumArenaBytes } from './arena.ts';

describe('Arena', () => {
  it('cuts zeroed, aligned arrays that do not touch each other', () => {
    const arena = new Arena(4096);
    const [a, b] = [arena.allocate(3), arena.allocate(17)];
    expect([a.byteOffset % 64, b.byteOffset % 64]).toEqual([0, 0]);
    a.fill(7);
    expect([...b]).toEqual(new Array(17).fill(0));
    expect(b.byteOffset).toBeGreaterThanOrEqual(a.byteOffset + a.byteLength);
  });

  it('finds the arena of a view', () => {
    const arena = new Arena(64);
    expect(Arena.containing(arena.allocate(4).subarray(1, 2))).toBe(arena);
    expect(Arena.containing(new Float32Array(4))).toBeUndefined();
  });

  it('gives out everything and then refuses', () => {
    const arena = new Arena(65_536);
    arena.allocate(65_536 / 4);
    expect(arena.freeBytes).toBe(0);
    expect(arena.allocate(0)).toHaveLength(0);
    expect(() => arena.allocate(1)).toThrow(UsageError);
    expect(() => arena.allocate(Number.NaN)).toThrow(UsageError);
  });

  it('reaches almost 4 GiB with working kernels at the far end, and no further', () => {
    const arena = new Arena(maximumArenaBytes);
    arena.allocate((maximumArenaBytes - 128) / 4);
    const last = arena.allocate(32);
    arena.kernels.fill(last, 2);
    expect(arena.kernels.sumOfSquares(last)).toBe(128);
    expect(() => new Arena(maximumArenaBytes + 1)).toThrow(UsageError);
  });

  it('shows the same numbers to a worker thread', async () => {
    const view = new Arena(64).allocate(4);
    const worker = new Worker('require("node:worker_threads").workerData.fill(5)', { eval: true, workerData: view });
    await new Promise((done) => worker.once('exit', done));
    expect([...view]).toEqual([5, 5, 5, 5]);
  });
});
