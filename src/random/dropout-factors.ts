/** Factors of inverted dropout (Srivastava et al. 2014, section 10): what is left out is 0, what is kept makes up for it. */
import type { RandomStream } from './stream.ts';

const TWO_32 = 2 ** 32;

/**
 * Fills `factors` with 0, with `probability`, and 1 / (1 - probability), independently of each other.
 *
 * How many are kept between two that are left out is geometric, so that random words are drawn, one each, for those that
 * are left out alone: a probability of 0.05 takes a twentieth of the words that a draw for each factor would.
 *
 * @param probability in [0, 1)
 */
export function drawDropoutFactors(factors: Float32Array, probability: number, random: RandomStream): void {
  factors.fill(1 / (1 - probability));
  if (probability === 0) return;
  const scale = 1 / Math.log1p(-probability);
  // A word and a half is never 0, whose logarithm would end the row.
  const kept = () => Math.floor(Math.log((random.uint32() + 0.5) / TWO_32) * scale);
  for (let i = kept(); i < factors.length; i += 1 + kept()) factors[i] = 0;
}
