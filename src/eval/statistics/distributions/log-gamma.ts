/** Coefficients B(2k) / (2k (2k - 1)) of Stirling's series, from the Bernoulli numbers. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/**
 * ln Γ(x) for x > 0, to about 14 digits. Stirling's series (DLMF 5.11.1) beyond 12, and Γ(x) = Γ(x + 1) / x to get there.
 */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z++) shift += Math.log(z);
  let series = 0;
  for (let k = stirling.length - 1; k >= 0; k--) series = series / (z * z) + stirling[k];
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series / z - shift;
}
