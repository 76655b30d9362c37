import { describe, expect, it } from 'vitest';
import { AdaptiveLimit, type Slot } from './adaptive-limit.ts';

const { signal } = new AbortController();
const acquire = (limit: AdaptiveLimit, count: number): Promise<Slot[]> =>
  Promise.all(Array.from({ length: count }, () => limit.acquire(signal)));

describe('AdaptiveLimit', () => {
  it('allows one more after a round of successes, up to the maximum', async () => {
    const limit = new AdaptiveLimit(6, 2);
    const limits: number[] = [];
    for (let round = 0; round < 8; round++) {
      const slots = await acquire(limit, limit.limit);
      for (const slot of slots) slot.release('success');
      limits.push(limit.limit);
    }
    expect(limits.slice(0, 2)).toEqual([2, 3]);
    expect(limits.at(-1)).toBe(6);
    for (const [i, now] of limits.entries()) if (i > 0) expect(now - limits[i - 1]).toBeLessThanOrEqual(1);
  });

  it('halves once for all requests that were under way together, and never stops', async () => {
    const limit = new AdaptiveLimit(16, 8);
    for (const slot of await acquire(limit, 8)) slot.release('overload');
    expect(limit.limit).toBe(4);
    for (let round = 0; round < 9; round++) (await limit.acquire(signal)).release('overload');
    expect(limit.limit).toBe(1);
    (await limit.acquire(signal)).release('neither');
    expect(limit.limit).toBe(1);
  });

  it('lets wait what is too much, in order', async () => {
    const limit = new AdaptiveLimit(2);
    const [first] = await acquire(limit, 2);
    const started: string[] = [];
    const later = ['a', 'b'].map((name) => limit.acquire(signal).then(() => started.push(name)));
    await new Promise(setImmediate);
    expect(started).toEqual([]);
    first.release('neither');
    await later[0];
    expect(started).toEqual(['a']);
  });

  it('forgets who gave up waiting', async () => {
    const limit = new AdaptiveLimit(1);
    const held = await limit.acquire(signal);
    const controller = new AbortController();
    const aborted = limit.acquire(controller.signal);
    const next = limit.acquire(signal);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(limit.acquire(controller.signal)).rejects.toThrow('enough');
    held.release('neither');
    (await next).release('neither');
  });
});
