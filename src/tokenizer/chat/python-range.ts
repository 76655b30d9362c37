import { LimitError } from './limits.ts';

const MAX_RANGE = 1 << 16;

/** Python's `range`, of bounded length. */
export function range(...bounds: unknown[]): number[] {
  const [start, stop, step] = bounds.length < 2 ? [0, bounds[0], 1] : [bounds[0], bounds[1], bounds[2] ?? 1];
  if (![start, stop, step].every(Number.isInteger) || step === 0) throw new Error('range() needs integers and a step');
  const length = Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)));
  if (length > MAX_RANGE) throw new LimitError(`loops over a range of ${length}`);
  return Array.from({ length }, (_, i) => Number(start) + i * Number(step));
}
