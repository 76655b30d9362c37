import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withStagingBlock } from './staging.ts';

describe('withStagingBlock', () => {
  it('lends no block to two borrowers at a time, and serves everyone', async () => {
    const lent = new Set<Float32Array>();
    let served = 0;
    const borrow = (): Promise<void> =>
      withStagingBlock(async (block) => {
        expect(lent.has(block)).toBe(false);
        lent.add(block);
        await delay(1);
        lent.delete(block);
        served += 1;
      });
    // A second wave comes while blocks of the first go back and others still wait.
    const late = async (): Promise<void> => {
      await delay(2);
      await borrow();
    };
    await Promise.all([...Array.from({ length: 12 }, borrow), ...Array.from({ length: 12 }, late)]);
    expect(served).toBe(24);
  });

  it('takes the block back when the work fails', async () => {
    for (let i = 0; i < 10; i++) {
      await expect(withStagingBlock(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    }
    expect(await withStagingBlock(async () => 'still served')).toBe('still served');
  });

  it('runs kernels on the block', async () => {
    const sum = await withStagingBlock(async (block, kernels) => {
      block.set([1, 2, 3]);
      return kernels.sumOfSquares(block.subarray(0, 3));
    });
    expect(sum).toBe(14);
  });
});
