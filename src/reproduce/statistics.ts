/** Figures over seeds. */

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean; 0 for a single value, of which nothing is known. */
export function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const center = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}

/** `0.61 ± 0.02`, the mean and its standard error. */
export const formatMean = (values: readonly number[], digits = 2): string =>
  values.length < 2
    ? mean(values).toFixed(digits)
    : `${mean(values).toFixed(digits)} ± ${standardError(values).toFixed(digits)}`;
