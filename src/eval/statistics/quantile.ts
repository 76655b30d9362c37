/** The value below which a share of ascending values lies, interpolated linearly (Hyndman and Fan 1996, type 7). NaN of none. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  if (ascending.length === 0 || Number.isNaN(share)) return Number.NaN;
  const place = Math.min(1, Math.max(0, share)) * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ascending.length - 1);
  // Not a + (b - a) * t alone: that is NaN between equal infinities.
  if (ascending[below] === ascending[above]) return ascending[below];
  return ascending[below] + (ascending[above] - ascending[below]) * (place - below);
}
