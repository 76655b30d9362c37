/** A metric of a model by which others of the same run are better or worse. */

export interface WatchedMetric {
  /** As it is measured, such as `bits_per_byte/finance`; a prefix such as `bits_per_byte` is the mean of all under it. */
  readonly name: string;
  readonly mode: 'min' | 'max';
}

export type Measured = Readonly<Record<string, number>>;

/** Losses, bits and errors should fall; whatever else is measured, such as an accuracy, should rise. */
export const usualMode = (name: string): WatchedMetric['mode'] =>
  /(^|[/._])(loss|bits_per_byte|perplexity|\w*error)([/.]|$)/.test(name) ? 'min' : 'max';

/** Whether `value` is better than `other` by more than `margin`; NaN never is. */
export function isBetter(value: number, other: number, { mode }: WatchedMetric, margin = 0): boolean {
  return mode === 'min' ? value < other - margin : value > other + margin;
}

/** `undefined` where it was not measured. */
export function metricValue({ name: wanted }: Pick<WatchedMetric, 'name'>, measured: Measured): number | undefined {
  if (Object.hasOwn(measured, wanted)) return measured[wanted];
  const under = Object.keys(measured).filter((other) => other.startsWith(`${wanted}/`));
  if (under.length === 0) return undefined;
  return under.reduce((sum, other) => sum + measured[other], 0) / under.length;
}
