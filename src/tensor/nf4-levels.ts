/**
 * The sixteen values of 4-bit NormalFloat (Dettmers et al. 2023, "QLoRA", appendix E): quantiles of the normal
 * distribution, eight on the positive and seven on the negative side, scaled to [-1, 1], and an exact zero.
 */
export const nf4Levels: Float32Array = Float32Array.of(
  -1,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1,
);

/** Halfway between neighbours, in float64: a value above the k-th is nearer to level k + 1. */
const borders = Float64Array.from({ length: 15 }, (_, k) => (nf4Levels[k] + nf4Levels[k + 1]) / 2);

/** The number of the level that is nearest to a value of [-1, 1]; the lower one where it lies halfway. */
export function nearestLevel(value: number): number {
  let level = value > borders[7] ? 8 : 0;
  if (value > borders[level + 3]) level += 4;
  if (value > borders[level + 1]) level += 2;
  return value > borders[level] ? level + 1 : level;
}
