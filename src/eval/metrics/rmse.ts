import { answered, type MetricOptions, type MetricValue, meanValue } from './metric-value.ts';

export interface NumericItem {
  readonly gold: number;
  /** Undefined where no number could be read out of the answer. */
  readonly predicted: number | undefined;
}

export interface RootMeanSquare extends MetricValue {
  /** Answers without a number: with a range among `n`, else among `missing`. */
  readonly unparsed: number;
}

export interface RmseOptions extends MetricOptions {
  /**
   * Least and greatest possible answer. An answer without a number then counts as the one that is furthest from the right
   * one: otherwise it would pay to answer only what is easy. Without a range such answers can only be left out.
   */
  readonly range?: readonly [number, number];
}

/** Root mean squared error, its standard error by the delta method. Lower is better. */
export function rmse(items: readonly (NumericItem | null)[], { range, clusters }: RmseOptions = {}): RootMeanSquare {
  const squares = items.map((item) => {
    if (item === null) return null;
    if (item.predicted !== undefined) return (item.predicted - item.gold) ** 2;
    return range ? Math.max(...range.map((end) => (end - item.gold) ** 2)) : null;
  });
  const unparsed = answered(items).items.filter(({ predicted }) => predicted === undefined).length;
  const { value: mean, stderr, ...counts } = meanValue(squares, { clusters });
  const value = mean && Math.sqrt(mean);
  return { value, stderr: value && stderr && stderr / (2 * value), ...counts, unparsed };
}
