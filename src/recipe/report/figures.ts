/** Figures for people: few digits, a true minus sign. */
import type { Interval } from '../../eval/statistics/interval.ts';
import { formatShare } from '../../observe/numbers.ts';
import { formatDifference, formatScore } from '../../report/figures.ts';

const MINUS = '\u2212';

type Limits = Pick<Interval, 'low' | 'high'>;

/** How a kind of measurement is written. */
export interface Figures {
  readonly value: (value: number) => string;
  readonly change: (change: number) => string;
}

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

export const bitsFigures: Figures = { value: formatBits, change: formatChange };
export const taskFigures: Figures = { value: formatScore, change: formatDifference };

/** `−32.0% to −30.4%` */
export function formatRange({ low, high }: Limits, { change }: Figures): string {
  return `${change(low)} to ${change(high)}`;
}

/** `95%` */
export const formatLevel = (confidence: number): string => formatShare(confidence).replace('.0%', '%');

/** `43%`, `<1%`, `>99%`: a whole number of percent that never claims certainty. */
export function formatProbability(probability: number): string {
  if (probability < 0.01) return '<1%';
  return probability > 0.99 ? '>99%' : `${Math.round(100 * probability)}%`;
}
