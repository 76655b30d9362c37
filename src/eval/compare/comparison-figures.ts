/** Figures of a comparison as both the table and the report show them. */
import { formatDifference } from '../../report/figures.ts';
import type { ComparisonRow } from './comparison.ts';

const NOTHING = '\u2013';

/** `acc`, `acc, strict` */
export function columnName({ metric, filter }: Pick<ComparisonRow, 'metric' | 'filter'>): string {
  return filter === 'none' ? metric : `${metric}, ${filter}`;
}

/** `−0.012 to +0.064` */
export function formatBounds({ interval }: Pick<ComparisonRow, 'interval'>): string {
  return interval === null ? NOTHING : `${formatDifference(interval.low)} to ${formatDifference(interval.high)}`;
}

/** `0.031`, `< 0.001` */
export function formatP(p: number | null): string {
  if (p === null) return NOTHING;
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** `±0.042` */
export function formatDetectable({ detectable }: Pick<ComparisonRow, 'detectable'>): string {
  return detectable === null ? NOTHING : `\u00b1${formatDifference(detectable).replace('+', '')}`;
}
