/** Figures for people: few digits, a true minus sign. */
import type { Interval } from '../../eval/statistics/interval.ts';

const MINUS = '\u2212';

/** `1.048` */
export function formatBits(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : 'not finite';
}

/** `−31.2%`, `+0.8%` */
export function formatChange(share: number): string {
  if (!Number.isFinite(share)) return '\u2013';
  const percent = (100 * Math.abs(share)).toFixed(1);
  if (Number(percent) === 0) return '0.0%';
  return `${share < 0 ? MINUS : '+'}${percent}%`;
}

/** `−32.0% to −30.4%` */
export function formatChangeRange({ low, high }: Pick<Interval, 'low' | 'high'>): string {
  return `${formatChange(low)} to ${formatChange(high)}`;
}
