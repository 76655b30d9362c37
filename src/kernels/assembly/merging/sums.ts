// Sums over a tensor that arrives in pieces: eight running float64 sums at `lanes`, element i of the tensor going to sum
// i mod 8. As long as pieces have a multiple of eight elements, the last one excepted, their size cannot change a bit.

/** Adds a[i] * b[i], exact in float64 before it is added. */
export function addProducts(lanes: usize, a: usize, b: usize, count: usize): void {
  let s01 = v128.load(lanes);
  let s23 = v128.load(lanes, 16);
  let s45 = v128.load(lanes, 32);
  let s67 = v128.load(lanes, 48);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const aLow = v128.load(a + (i << 2));
    const aHigh = v128.load(a + (i << 2), 16);
    const bLow = v128.load(b + (i << 2));
    const bHigh = v128.load(b + (i << 2), 16);
    s01 = f64x2.add(s01, f64x2.mul(f64x2.promote_low_f32x4(aLow), f64x2.promote_low_f32x4(bLow)));
    s23 = f64x2.add(s23, f64x2.mul(promoteHigh(aLow), promoteHigh(bLow)));
    s45 = f64x2.add(s45, f64x2.mul(f64x2.promote_low_f32x4(aHigh), f64x2.promote_low_f32x4(bHigh)));
    s67 = f64x2.add(s67, f64x2.mul(promoteHigh(aHigh), promoteHigh(bHigh)));
  }
  v128.store(lanes, s01);
  v128.store(lanes, s23, 16);
  v128.store(lanes, s45, 32);
  v128.store(lanes, s67, 48);
  for (; i < count; i++) {
    const lane = lanes + ((i & 7) << 3);
    store<f64>(lane, load<f64>(lane) + <f64>load<f32>(a + (i << 2)) * <f64>load<f32>(b + (i << 2)));
  }
}

/**
 * Adds a[i] * b[i] to the sums at `lanes` and a[i] * c[i] to the eight behind them: two products in little more time than one,
 * whose additions have to wait for one another.
 */
export function addTwoProducts(lanes: usize, a: usize, b: usize, c: usize, count: usize): void {
  let b01 = v128.load(lanes);
  let b23 = v128.load(lanes, 16);
  let b45 = v128.load(lanes, 32);
  let b67 = v128.load(lanes, 48);
  let c01 = v128.load(lanes, 64);
  let c23 = v128.load(lanes, 80);
  let c45 = v128.load(lanes, 96);
  let c67 = v128.load(lanes, 112);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const at = i << 2;
    const a01 = promoteTwo(a + at);
    b01 = f64x2.add(b01, f64x2.mul(a01, promoteTwo(b + at)));
    c01 = f64x2.add(c01, f64x2.mul(a01, promoteTwo(c + at)));
    const a23 = promoteTwo(a + at + 8);
    b23 = f64x2.add(b23, f64x2.mul(a23, promoteTwo(b + at + 8)));
    c23 = f64x2.add(c23, f64x2.mul(a23, promoteTwo(c + at + 8)));
    const a45 = promoteTwo(a + at + 16);
    b45 = f64x2.add(b45, f64x2.mul(a45, promoteTwo(b + at + 16)));
    c45 = f64x2.add(c45, f64x2.mul(a45, promoteTwo(c + at + 16)));
    const a67 = promoteTwo(a + at + 24);
    b67 = f64x2.add(b67, f64x2.mul(a67, promoteTwo(b + at + 24)));
    c67 = f64x2.add(c67, f64x2.mul(a67, promoteTwo(c + at + 24)));
  }
  v128.store(lanes, b01);
  v128.store(lanes, b23, 16);
  v128.store(lanes, b45, 32);
  v128.store(lanes, b67, 48);
  v128.store(lanes, c01, 64);
  v128.store(lanes, c23, 80);
  v128.store(lanes, c45, 96);
  v128.store(lanes, c67, 112);
  for (; i < count; i++) {
    const lane = lanes + ((i & 7) << 3);
    const factor = <f64>load<f32>(a + (i << 2));
    store<f64>(lane, load<f64>(lane) + factor * <f64>load<f32>(b + (i << 2)));
    store<f64>(lane, load<f64>(lane, 64) + factor * <f64>load<f32>(c + (i << 2)), 64);
  }
}

/** Adds |a[i]|. */
export function addMagnitudes(lanes: usize, a: usize, count: usize): void {
  let s01 = v128.load(lanes);
  let s23 = v128.load(lanes, 16);
  let s45 = v128.load(lanes, 32);
  let s67 = v128.load(lanes, 48);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const low = f32x4.abs(v128.load(a + (i << 2)));
    const high = f32x4.abs(v128.load(a + (i << 2), 16));
    s01 = f64x2.add(s01, f64x2.promote_low_f32x4(low));
    s23 = f64x2.add(s23, promoteHigh(low));
    s45 = f64x2.add(s45, f64x2.promote_low_f32x4(high));
    s67 = f64x2.add(s67, promoteHigh(high));
  }
  v128.store(lanes, s01);
  v128.store(lanes, s23, 16);
  v128.store(lanes, s45, 32);
  v128.store(lanes, s67, 48);
  for (; i < count; i++) {
    const lane = lanes + ((i & 7) << 3);
    store<f64>(lane, load<f64>(lane) + <f64>abs(load<f32>(a + (i << 2))));
  }
}

// @ts-ignore: decorator
@inline
export function promoteTwo(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

// @ts-ignore: decorator
@inline
export function promoteHigh(values: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(values, values, 2, 3, 2, 3));
}
