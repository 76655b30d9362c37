/** How many directions a task vector really has. */
import type { LeadingDirections } from './leading-directions.ts';

export interface Spectrum {
  /** Leading singular values, descending. */
  readonly values: readonly number[];
  readonly isExact: boolean;
  /** Bound on the distance of a value from a singular value of the matrix. */
  readonly error: number;
  /** Share of the squared norm in the leading directions. */
  readonly energy: number;
  /** |M|_F^2 / s_1^2 */
  readonly stableRank: number;
  /**
   * exp(entropy of s^2 / sum s^2) (Roy and Vetterli 2007, with squares): both ends the same where all values are known, else
   * the least and the most that the leading values and the norm leave possible.
   */
  readonly effectiveRank: readonly [number, number];
  /** How many of the directions stand above what rounding of the stored weights makes of nothing. */
  readonly aboveRounding: number;
}

/**
 * @param squares squared Frobenius norm
 * @param side shorter side of the matrix: as many singular values as there are
 * @param rank how many values to keep
 * @param rounding singular value below which a direction may be rounding
 */
export function describeSpectrum(
  { values, isExact, error }: LeadingDirections,
  { squares, side, rank, rounding }: { squares: number; side: number; rank: number; rounding: number },
): Spectrum {
  const leading = values.slice(0, rank);
  return {
    values: leading,
    isExact,
    error,
    energy: Math.min(1, leading.reduce((sum, value) => sum + value ** 2, 0) / squares),
    stableRank: squares / values[0] ** 2,
    effectiveRank: effectiveRank(values, squares, side),
    aboveRounding: leading.filter((value) => value > Math.max(rounding, 1e-6 * values[0])).length,
  };
}

function effectiveRank(values: readonly number[], squares: number, side: number): readonly [number, number] {
  const shares = values.map((value) => value ** 2 / squares);
  const known = shares.reduce((sum, share) => sum + entropyOf(share), 0);
  const rest = 1 - shares.reduce((sum, share) => sum + share, 0);
  const others = side - values.length;
  if (others === 0 || rest <= 0) return [Math.exp(known), Math.exp(known)];
  // The rest in as few directions as are allowed, none larger than the last known; or spread over all of them.
  const largest = Math.min(rest, shares.at(-1)!);
  const full = Math.floor(rest / largest);
  const least = known + full * entropyOf(largest) + entropyOf(rest - full * largest);
  const most = known + others * entropyOf(rest / others);
  return [Math.exp(Math.min(least, most)), Math.exp(most)];
}

const entropyOf = (share: number): number => (share > 0 ? -share * Math.log(share) : 0);

/**
 * Largest singular value to expect of a matrix whose elements are only what rounding did to weights of that root mean square:
 * unit roundoff times the weights, (sqrt(rows) + sqrt(columns)) wide (Geman 1980).
 */
export function roundingNoise(baseSquares: number, rows: number, columns: number, unitRoundoff: number): number {
  return unitRoundoff * Math.sqrt(baseSquares / (rows * columns)) * (Math.sqrt(rows) + Math.sqrt(columns));
}
