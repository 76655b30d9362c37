/** Figures for people: few digits, a true minus sign, units of a thousand. */
import type { Interval } from '../../eval/bootstrap.ts';

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

/** `1,234,567` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `4.00M`, `812`: three digits. */
export function formatAmount(value: number): string {
  const units = ['', 'k', 'M', 'B', 'T'];
  let power = 0;
  while (power < units.length - 1 && Math.abs(value) >= 999.5 * 1000 ** power) power++;
  const scaled = value / 1000 ** power;
  return `${power === 0 && Number.isInteger(value) ? value : Number(scaled.toPrecision(3)).toString()}${units[power]}`;
}

/** `98.7%` */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** `2026-01-31 09:30 UTC` */
export function formatTime(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC` : iso;
}
