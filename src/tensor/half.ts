/**
 * Half precision, one value at a time: the reference which the SIMD kernels are tested against.
 *
 * float16 (IEEE 754 binary16): 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
 * bfloat16: the upper half of a float32, so 1 + 8 (bias 127) + 7.
 * Narrowing rounds to nearest, ties to even; every NaN becomes the positive quiet one (0x7e00, 0x7fc0).
 */

const float32 = new Float32Array(1);
const bits = new Uint32Array(float32.buffer);

/** Value of the 16 bits of a float16. */
export function float16ToFloat32(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The 16 bits of the float16 nearest to a float32 value. */
export function float32ToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // 65520 lies half way between the largest float16, 65504, and the 65536 which would follow it.
  if (magnitude >= 65520) return sign | 0x7c00;
  // The step between neighbours: 2^-24 for subnormals, else 2^(exponent - 10). Dividing by it is exact.
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  const steps = roundHalfEven(magnitude / 2 ** (exponent - 10));
  // `steps` is 1024..2048 for normal numbers: a carry to 2048 lands in the next exponent by the same sum.
  return sign | (((exponent + 14) << 10) + steps);
}

/** Value of the 16 bits of a bfloat16. */
export function bfloat16ToFloat32(half: number): number {
  bits[0] = half << 16;
  return float32[0];
}

/** The 16 bits of the bfloat16 nearest to a float32 value. */
export function float32ToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float32[0] = value;
  const exact = bits[0];
  return (exact + 0x7fff + ((exact >>> 16) & 1)) >>> 16;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
