/** Multiple choice by log-likelihood: the option whose continuation is likeliest, by one measure or another. */

/** Index of the right option, or several of them. */
export type Gold = number | readonly number[];

export interface OptionScores {
  /** Log-probability of each option given the prompt, in nats, [options]. */
  readonly logProbabilities: readonly number[];
  readonly gold: Gold;
}

/**
 * 1 if the largest value, the first among equals, is a right option's; 0 if not. Null, as for a failed item, where a value
 * is not a number.
 */
export function chooses(values: readonly number[], gold: Gold): 0 | 1 | null {
  if (values.length === 0 || values.some(Number.isNaN)) return null;
  const chosen = values.indexOf(values.reduce((largest, value) => Math.max(largest, value)));
  return (typeof gold === 'number' ? gold === chosen : gold.includes(chosen)) ? 1 : 0;
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
