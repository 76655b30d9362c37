// Half precision to and from float32, and float64 to float32. All loops run forwards and read before they write, which
// makes two overlaps safe: widening a source that is the upper half of its target, and narrowing onto the start of the source.
//
// Each `@ts-ignore: decorator` is there for editors, which read AssemblyScript as TypeScript: `@inline` is a decorator on a
// function, which TypeScript does not know. The compiler of these files takes no notice of it.

/** Four float32 -> four half floats in the low 16 bits of each lane, to nearest even; every NaN becomes 0x7e00. */
// @ts-ignore: decorator
@inline
function float32ToFloat16(value: v128): v128 {
  const magnitude = v128.and(value, i32x4.splat(0x7fffffff));
  const sign = i32x4.shr_u(v128.andnot(value, i32x4.splat(0x7fffffff)), 16);
  const odd = v128.and(i32x4.shr_u(magnitude, 13), i32x4.splat(1));
  // Carries into the exponent, so that 65520 and above becomes infinity by itself.
  const normal = i32x4.shr_u(i32x4.add(magnitude, i32x4.add(odd, i32x4.splat(0xfff - (112 << 23)))), 13);
  // Adding 0.5 puts the last bit of the sum at 2^-24, the step of subnormal halves: the addition itself rounds to even.
  const subnormal = i32x4.sub(f32x4.add(magnitude, f32x4.splat(0.5)), i32x4.splat(126 << 23));
  const isSubnormal = i32x4.lt_s(magnitude, i32x4.splat(113 << 23));
  const isOverflow = i32x4.ge_s(magnitude, i32x4.splat(143 << 23));
  const isNaN = i32x4.gt_s(magnitude, i32x4.splat(0x7f800000));
  const finite = v128.bitselect(subnormal, normal, isSubnormal);
  const signed = v128.or(v128.bitselect(i32x4.splat(0x7c00), finite, isOverflow), sign);
  return v128.bitselect(i32x4.splat(0x7e00), signed, isNaN);
}

/** Four float32 -> four bfloat16 in the low 16 bits of each lane, to nearest even; every NaN becomes 0x7fc0. */
// @ts-ignore: decorator
@inline
function float32ToBfloat16(value: v128): v128 {
  const odd = v128.and(i32x4.shr_u(value, 16), i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(value, i32x4.add(odd, i32x4.splat(0x7fff))), 16);
  const isNaN = i32x4.gt_s(v128.and(value, i32x4.splat(0x7fffffff)), i32x4.splat(0x7f800000));
  return v128.bitselect(i32x4.splat(0x7fc0), rounded, isNaN);
}

/**
 * float16 -> float32 on 16-bit lanes for as long as possible, twice as many at a time: the upper half of the result is the
 * shifted exponent with its bias raised by 112, the lower half the last three fraction bits. Infinities and NaNs raise it by
 * another 112. Subnormals, rare enough to branch for, get an exponent of their own and lose its implicit one by subtraction.
 */
export function widenFloat16(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) widenEight(target + (i << 2), v128.load(source + (i << 1)));
  for (; i < count; i++) {
    const half = <u32>load<u16>(source + (i << 1));
    const magnitude = half & 0x7fff;
    let widened = (magnitude << 13) + (112 << 23);
    if (magnitude >= 0x7c00) widened += 112 << 23;
    else if (magnitude < 0x400) widened = reinterpret<u32>(reinterpret<f32>(widened + (1 << 23)) - reinterpret<f32>(113 << 23));
    store<u32>(target + (i << 2), widened | ((half & 0x8000) << 16));
  }
}

// @ts-ignore: decorator
@inline
function widenEight(target: usize, halves: v128): void {
  const magnitude = v128.and(halves, i16x8.splat(0x7fff));
  const sign = v128.xor(halves, magnitude);
  const special = v128.and(i16x8.gt_s(magnitude, i16x8.splat(0x7bff)), i16x8.splat(112 << 7));
  const upper = i16x8.add(i16x8.add(i16x8.shr_u(magnitude, 3), i16x8.splat(112 << 7)), special);
  const lower = i16x8.shl(halves, 13);
  const isSubnormal = i16x8.lt_s(magnitude, i16x8.splat(0x400));
  if (v128.any_true(isSubnormal)) {
    const raised = i16x8.add(upper, v128.and(isSubnormal, i16x8.splat(1 << 7)));
    const implicit = v128.and(isSubnormal, i16x8.splat(113 << 7));
    const zero = i16x8.splat(0);
    v128.store(target, v128.or(f32x4.sub(interleaveLow(lower, raised), interleaveLow(zero, implicit)), interleaveLow(zero, sign)));
    v128.store(target, v128.or(f32x4.sub(interleaveHigh(lower, raised), interleaveHigh(zero, implicit)), interleaveHigh(zero, sign)), 16);
  } else {
    const signed = v128.or(upper, sign);
    v128.store(target, interleaveLow(lower, signed));
    v128.store(target, interleaveHigh(lower, signed), 16);
  }
}

// @ts-ignore: decorator
@inline
function interleaveLow(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function interleaveHigh(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}

export function widenBfloat16(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const halves = v128.load(source + (i << 1));
    v128.store(target + (i << 2), i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16));
    v128.store(target + (i << 2), i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16), 16);
  }
  for (; i < count; i++) store<u32>(target + (i << 2), <u32>load<u16>(source + (i << 1)) << 16);
}

export function narrowFloat16(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const low = float32ToFloat16(v128.load(source + (i << 2)));
    const high = float32ToFloat16(v128.load(source + (i << 2), 16));
    v128.store(target + (i << 1), i16x8.narrow_i32x4_u(low, high));
  }
  for (; i < count; i++) {
    const narrowed = float32ToFloat16(i32x4.splat(load<u32>(source + (i << 2))));
    store<u16>(target + (i << 1), <u16>i32x4.extract_lane(narrowed, 0));
  }
}

export function narrowBfloat16(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const low = float32ToBfloat16(v128.load(source + (i << 2)));
    const high = float32ToBfloat16(v128.load(source + (i << 2), 16));
    v128.store(target + (i << 1), i16x8.narrow_i32x4_u(low, high));
  }
  for (; i < count; i++) {
    const narrowed = float32ToBfloat16(i32x4.splat(load<u32>(source + (i << 2))));
    store<u16>(target + (i << 1), <u16>i32x4.extract_lane(narrowed, 0));
  }
}

export function narrowFloat64(target: usize, source: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) store<f32>(target + (i << 2), <f32>load<f64>(source + (i << 3)));
}
