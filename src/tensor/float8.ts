/**
 * Numbers of 8 bits, E4M3 without infinities (Micikevicius et al., arXiv:2209.05433): 1 sign bit, 4 exponent bits (bias 7),
 * 3 fraction bits. All exponent and fraction bits set mean NaN; the largest number is 448.
 */
export function float8ToFloat32(byte: number): number {
  const sign = byte & 0x80 ? -1 : 1;
  const exponent = (byte >> 3) & 15;
  const fraction = byte & 7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -9;
  return sign * (8 + fraction) * 2 ** (exponent - 10);
}
