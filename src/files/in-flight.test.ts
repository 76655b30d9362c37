import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { forEachInFlight } from './in-flight.ts';

describe('forEachInFlight', () => {
  it('works on everything, so many at a time and never more', async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await forEachInFlight([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await delay(2);
      running -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('starts nothing after a failure and reports it once the rest has ended', async () => {
    const events: string[] = [];
    const run = forEachInFlight(['fails', 'slow', 'never'], 2, async (item) => {
      events.push(item);
      if (item === 'fails') throw new Error('broken');
      await delay(5);
      events.push('slow ended');
    });
    await expect(run).rejects.toThrow('broken');
    expect(events).toEqual(['fails', 'slow', 'slow ended']);
  });

  it('passes on a failure of the items themselves', async () => {
    const items = function* (): Generator<number> {
      yield 1;
      throw new Error('no second');
    };
    await expect(forEachInFlight(items(), 2, async () => undefined)).rejects.toThrow('no second');
  });
});
