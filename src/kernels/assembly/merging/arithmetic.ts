// Weighted sums of streamed tensors. Pointers are byte addresses, `count` is in float32 elements; every product and every
// sum is rounded to float32 by itself, as a plain loop does it.

/** target[i] = source[i] * factor */
export function setScaled(target: usize, source: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(target + (i << 2), f32x4.mul(v128.load(source + (i << 2)), factors));
  for (; i < count; i++) store<f32>(target + (i << 2), load<f32>(source + (i << 2)) * factor);
}

/** target[i] += source[i] * factor */
export function addScaled(target: usize, source: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    v128.store(at, f32x4.add(v128.load(at), f32x4.mul(v128.load(source + (i << 2)), factors)));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, load<f32>(at) + load<f32>(source + (i << 2)) * factor);
  }
}

/** target[i] += source[i] * factor, with one rounding for both but for ties: exact product, float64 sum. */
export function addFused(target: usize, source: usize, count: usize, factor: f32): void {
  const factors = f64x2.splat(<f64>factor);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    const old = v128.load(at);
    const from = v128.load(source + (i << 2));
    const low = f64x2.add(f64x2.promote_low_f32x4(old), f64x2.mul(f64x2.promote_low_f32x4(from), factors));
    const oldHigh = f64x2.promote_low_f32x4(i32x4.shuffle(old, old, 2, 3, 2, 3));
    const fromHigh = f64x2.promote_low_f32x4(i32x4.shuffle(from, from, 2, 3, 2, 3));
    const high = f64x2.add(oldHigh, f64x2.mul(fromHigh, factors));
    v128.store(at, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, <f32>(<f64>load<f32>(at) + <f64>load<f32>(source + (i << 2)) * <f64>factor));
  }
}

/** target[i] -= source[i] */
export function subtract(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    v128.store(at, f32x4.sub(v128.load(at), v128.load(source + (i << 2))));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, load<f32>(at) - load<f32>(source + (i << 2)));
  }
}

/** target[i] /= divisor */
export function divide(target: usize, count: usize, divisor: f32): void {
  const divisors = f32x4.splat(divisor);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    v128.store(at, f32x4.div(v128.load(at), divisors));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, load<f32>(at) / divisor);
  }
}

/**
 * target[i] += (source[i] - centre[i])^2 in float64: about a centre that was rounded to float32, the sum over a few sources is
 * that about their mean to some 15 digits.
 */
export function addSquaredDistance(target: usize, source: usize, centre: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 3);
    const from = v128.load(source + (i << 2));
    const middle = v128.load(centre + (i << 2));
    const fromHigh = f64x2.promote_low_f32x4(i32x4.shuffle(from, from, 2, 3, 2, 3));
    const middleHigh = f64x2.promote_low_f32x4(i32x4.shuffle(middle, middle, 2, 3, 2, 3));
    const low = f64x2.sub(f64x2.promote_low_f32x4(from), f64x2.promote_low_f32x4(middle));
    const high = f64x2.sub(fromHigh, middleHigh);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(low, low)));
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(high, high)), 16);
  }
  for (; i < count; i++) {
    const at = target + (i << 3);
    const distance = <f64>load<f32>(source + (i << 2)) - <f64>load<f32>(centre + (i << 2));
    store<f64>(at, load<f64>(at) + distance * distance);
  }
}

/** The largest bit pattern without its sign: of finite elements the largest magnitude, above 0x7f7fffff where one is not. */
export function largestMagnitude(source: usize, count: usize): u32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let first = i32x4.splat(0);
  let second = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= count; i += 16) {
    const at = source + (i << 2);
    const low = i32x4.max_u(v128.and(v128.load(at), magnitude), v128.and(v128.load(at, 16), magnitude));
    const high = i32x4.max_u(v128.and(v128.load(at, 32), magnitude), v128.and(v128.load(at, 48), magnitude));
    first = i32x4.max_u(first, low);
    second = i32x4.max_u(second, high);
  }
  const four = i32x4.max_u(first, second);
  const pair = i32x4.max_u(four, i32x4.shuffle(four, four, 2, 3, 0, 1));
  let result = <u32>max(<u32>i32x4.extract_lane(pair, 0), <u32>i32x4.extract_lane(pair, 1));
  for (; i < count; i++) result = max(result, load<u32>(source + (i << 2)) & 0x7fffffff);
  return result;
}

/** The same for half precision: not below 0x7f80 where a bfloat16 is not finite, and not below 0x7c00 where a float16 is not. */
export function largestHalf(source: usize, count: usize): u32 {
  const magnitude = i16x8.splat(0x7fff);
  let first = i16x8.splat(0);
  let second = i16x8.splat(0);
  let i: usize = 0;
  for (; i + 32 <= count; i += 32) {
    const at = source + (i << 1);
    const low = i16x8.max_u(v128.and(v128.load(at), magnitude), v128.and(v128.load(at, 16), magnitude));
    const high = i16x8.max_u(v128.and(v128.load(at, 32), magnitude), v128.and(v128.load(at, 48), magnitude));
    first = i16x8.max_u(first, low);
    second = i16x8.max_u(second, high);
  }
  const eight = i16x8.max_u(first, second);
  const four = i16x8.max_u(eight, i16x8.shuffle(eight, eight, 4, 5, 6, 7, 0, 1, 2, 3));
  const two = i16x8.max_u(four, i16x8.shuffle(four, four, 2, 3, 0, 1, 4, 5, 6, 7));
  let result = <u32>max(i16x8.extract_lane_u(two, 0), i16x8.extract_lane_u(two, 1));
  for (; i < count; i++) result = max(result, <u32>load<u16>(source + (i << 1)) & 0x7fff);
  return result;
}
