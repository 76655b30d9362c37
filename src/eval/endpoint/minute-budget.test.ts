import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MinuteBudget } from './minute-budget.ts';

// `node:timers/promises` is not among the timers that vitest can move on.
vi.mock('./pause.ts', () => ({
  pause: (seconds: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      setTimeout(resolve, seconds * 1_000);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    }),
}));

const { signal } = new AbortController();

describe('MinuteBudget', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** When each amount was spent, in seconds. */
  async function spend(budget: MinuteBudget, amounts: readonly number[]): Promise<number[]> {
    const times: number[] = [];
    const all = amounts.map((amount) => budget.spend(amount, signal).then(() => times.push(Date.now() / 1_000)));
    const start = Date.now() / 1_000;
    await vi.advanceTimersByTimeAsync(1_000_000);
    await Promise.all(all);
    return times.map((time) => Math.round(time - start));
  }

  it('spends no more than allowed within any minute, in the order of asking', async () => {
    const amounts = [40, 30, 30, 90, 10, 20, 80, 100];
    const budget = new MinuteBudget(100, Date.now);
    const times = await spend(budget, amounts);
    expect(times).toEqual([0, 0, 0, 60, 60, 120, 120, 180]);
    for (const start of times) {
      const within = amounts.filter((_, i) => times[i] >= start && times[i] < start + 60);
      expect(within.reduce((sum, amount) => sum + amount, 0)).toBeLessThanOrEqual(100);
    }
  });

  it('lets pass alone what never fits', async () => {
    expect(await spend(new MinuteBudget(100, Date.now), [50, 500, 10])).toEqual([0, 60, 120]);
  });

  it('counts what was really spent', async () => {
    const budget = new MinuteBudget(100, Date.now);
    (await budget.spend(100, signal)).correct(20);
    expect(await spend(budget, [80])).toEqual([0]);
    expect(await spend(budget, [100])).toEqual([0]);
  });

  it('goes on after one that gave up', async () => {
    const budget = new MinuteBudget(10, Date.now);
    const controller = new AbortController();
    await budget.spend(10, signal);
    const aborted = expect(budget.spend(5, controller.signal)).rejects.toThrow('enough');
    const next = spend(budget, [5]);
    controller.abort(new Error('enough'));
    await aborted;
    expect(await next).toEqual([60]);
  });
});
