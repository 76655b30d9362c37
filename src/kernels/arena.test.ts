import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { Arena, arrayBytes, maximumArenaBytes } from './arena.ts';

describe('Arena', () => {
  it('cuts zeroed, aligned arrays that do not touch each other', () => {
    const arena = new Arena(4096);
    const [a, b] = [arena.allocate(3), arena.allocate(17)];
    expect([a.byteOffset % 64, b.byteOffset % 64]).toEqual([0, 0]);
    a.fill(7);
    expect([...b]).toEqual(new Array(17).fill(0));
    expect(b.byteOffset).toBeGreaterThanOrEqual(a.byteOffset + a.byteLength);
  });

  it('does not start arrays of 4096 bytes at the same address modulo 4096', () => {
    const arena = new Arena(65_536);
    const starts = Array.from({ length: 4 }, () => arena.allocate(1024).byteOffset % 4096);
    expect(new Set(starts).size).toBe(4);
  });

  it('finds the arena of a view', () => {
    const arena = new Arena(4096);
    expect(Arena.containing(arena.allocate(4).subarray(1, 2))).toBe(arena);
    expect(Arena.containing(new Float32Array(4))).toBeUndefined();
  });

  it('gives out everything and then refuses', () => {
    const arena = new Arena(arrayBytes(10_000) + arrayBytes(0));
    expect(arena.byteLength).toBe(65_536);
    arena.allocate(10_000);
    expect(arena.allocate(0)).toHaveLength(0);
    arena.allocate((arena.freeBytes - arrayBytes(0)) / 4);
    expect(arena.freeBytes).toBe(0);
    expect(() => arena.allocate(1)).toThrow(UsageError);
    expect(() => arena.allocate(Number.NaN)).toThrow(UsageError);
  });

  it('reaches almost 4 GiB with working kernels at the far end, and no further', () => {
    const arena = new Arena(maximumArenaBytes);
    arena.allocate((maximumArenaBytes - arrayBytes(0) - arrayBytes(32)) / 4);
    const last = arena.allocate(32);
    arena.kernels.fill(last, 2);
    expect(arena.kernels.sumOfSquares(last)).toBe(128);
    expect(() => new Arena(maximumArenaBytes + 1)).toThrow(UsageError);
  });

  it('shows the same numbers to a worker thread', async () => {
    const view = new Arena(4096).allocate(4);
    const worker = new Worker('require("node:worker_threads").workerData.fill(5)', { eval: true, workerData: view });
    await new Promise((done) => worker.once('exit', done));
    expect([...view]).toEqual([5, 5, 5, 5]);
  });
});
