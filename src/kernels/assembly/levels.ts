// Matrices of four bits a value, each the number of one of sixteen levels, with one scale for each block of values.

/**
 * target[i] = levels[number i] * scales[i / block]. Two numbers share a byte, the first in its high half; `block` is a
 * multiple of 32. The bytes of the levels are taken apart into four tables of sixteen, which a swizzle looks up at once.
 */
export function unpackLevels(target: usize, packed: usize, levels: usize, scales: usize, count: usize, block: usize): void {
  const l0 = v128.load(levels);
  const l1 = v128.load(levels, 16);
  const l2 = v128.load(levels, 32);
  const l3 = v128.load(levels, 48);
  const byte0 = fourth(l0, l1, l2, l3, 0);
  const byte1 = fourth(l0, l1, l2, l3, 8);
  const byte2 = fourth(l0, l1, l2, l3, 16);
  const byte3 = fourth(l0, l1, l2, l3, 24);
  let i: usize = 0;
  for (let place: usize = 0; i + 32 <= count; i += 32) {
    if (i == (place + 1) * block) place++;
    const scale = v128.load32_splat(scales + (place << 2));
    const bytes = v128.load(packed + (i >> 1));
    const first = i8x16.shr_u(bytes, 4);
    const second = v128.and(bytes, i8x16.splat(15));
    const at = target + (i << 2);
    const low = i8x16.shuffle(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const high = i8x16.shuffle(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    storeSixteen(at, low, byte0, byte1, byte2, byte3, scale);
    storeSixteen(at + 64, high, byte0, byte1, byte2, byte3, scale);
  }
  for (; i < count; i++) {
    const pair = load<u8>(packed + (i >> 1));
    const number: usize = i & 1 ? pair & 15 : pair >> 4;
    store<f32>(target + (i << 2), load<f32>(levels + (number << 2)) * load<f32>(scales + (i / block << 2)));
  }
}

/** One byte of each of sixteen 32-bit lanes, `shift` bits up. */
// @ts-ignore: decorator
@inline
function fourth(a: v128, b: v128, c: v128, d: v128, shift: i32): v128 {
  const mask = i32x4.splat(255);
  const lower = i16x8.narrow_i32x4_u(v128.and(i32x4.shr_u(a, shift), mask), v128.and(i32x4.shr_u(b, shift), mask));
  const upper = i16x8.narrow_i32x4_u(v128.and(i32x4.shr_u(c, shift), mask), v128.and(i32x4.shr_u(d, shift), mask));
  return i8x16.narrow_i16x8_u(lower, upper);
}

// @ts-ignore: decorator
@inline
function storeSixteen(at: usize, numbers: v128, byte0: v128, byte1: v128, byte2: v128, byte3: v128, scale: v128): void {
  const b0 = i8x16.swizzle(byte0, numbers);
  const b1 = i8x16.swizzle(byte1, numbers);
  const b2 = i8x16.swizzle(byte2, numbers);
  const b3 = i8x16.swizzle(byte3, numbers);
  const lowA = i8x16.shuffle(b0, b1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const lowB = i8x16.shuffle(b0, b1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const highA = i8x16.shuffle(b2, b3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const highB = i8x16.shuffle(b2, b3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(at, f32x4.mul(i16x8.shuffle(lowA, highA, 0, 8, 1, 9, 2, 10, 3, 11), scale));
  v128.store(at, f32x4.mul(i16x8.shuffle(lowA, highA, 4, 12, 5, 13, 6, 14, 7, 15), scale), 16);
  v128.store(at, f32x4.mul(i16x8.shuffle(lowB, highB, 0, 8, 1, 9, 2, 10, 3, 11), scale), 32);
  v128.store(at, f32x4.mul(i16x8.shuffle(lowB, highB, 4, 12, 5, 13, 6, 14, 7, 15), scale), 48);
}
