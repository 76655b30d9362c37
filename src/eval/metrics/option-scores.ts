/** Multiple choice by log-likelihood: the option whose continuation is likeliest, by one measure or another. */

/** Index of the right option, or several of them. */
type Gold = number | readonly number[];

export interface OptionScores {
  /** Log-probability of each option given the prompt, in nats, [options]. */
  readonly logProbabilities: readonly number[];
  readonly gold: Gold;
  /** Whether a log-probability is not known, and only the most that it can be. Default: all are known. */
  readonly bounds?: readonly boolean[];
}

/**
 * 1 if the largest value, the first among equals, is a right option's; 0 if not. Null, as for a failed item, where no option
 * is known to have the largest.
 */
export function chooses(
  values: readonly number[],
  { gold, bounds }: Pick<OptionScores, 'gold' | 'bounds'>,
): 0 | 1 | null {
  const chosen = placeOfLargest(values, bounds);
  if (chosen === undefined) return null;
  return (typeof gold === 'number' ? gold === chosen : gold.includes(chosen)) ? 1 : 0;
}

/**
 * The place of the largest value, the first among equals; undefined where a value is not a number, or where what is only
 * bounded may be larger.
 */
export function placeOfLargest(values: readonly number[], bounds: readonly boolean[] = []): number | undefined {
  const known = values.filter((_, i) => bounds[i] !== true);
  if (known.length === 0 || values.some(Number.isNaN)) return undefined;
  const largest = known.reduce((most, value) => Math.max(most, value));
  if (values.some((value) => value > largest)) return undefined;
  return values.findIndex((value, i) => value === largest && bounds[i] !== true);
}

/** Log-probabilities divided by lengths of the options. The delimiter before an option is not part of its length. */
export function perLength(
  logProbabilities: readonly number[],
  options: readonly string[],
  lengthOf: (option: string) => number,
): number[] {
  if (options.length !== logProbabilities.length) {
    throw new Error(`${logProbabilities.length} scores of ${options.length} options`);
  }
  return logProbabilities.map((score, i) => score / lengthOf(options[i]));
}
