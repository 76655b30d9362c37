/**
 * Sum of squares in float64: eight running sums, element i going to sum i mod 8, added up as
 * ((s0+s2)+(s4+s6)) + ((s1+s3)+(s5+s7)). The order is fixed, so the bits are.
 * A square of a float32 is exact in float64 and no sum of them overflows: the result is finite if and only if every element is.
 */
export function sumOfSquares(source: usize, count: usize): f64 {
  let s01 = f64x2.splat(0);
  let s23 = f64x2.splat(0);
  let s45 = f64x2.splat(0);
  let s67 = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const at = source + (i << 2);
    const low = v128.load(at);
    const high = v128.load(at, 16);
    const x01 = f64x2.promote_low_f32x4(low);
    const x23 = f64x2.promote_low_f32x4(i32x4.shuffle(low, low, 2, 3, 2, 3));
    const x45 = f64x2.promote_low_f32x4(high);
    const x67 = f64x2.promote_low_f32x4(i32x4.shuffle(high, high, 2, 3, 2, 3));
    s01 = f64x2.add(s01, f64x2.mul(x01, x01));
    s23 = f64x2.add(s23, f64x2.mul(x23, x23));
    s45 = f64x2.add(s45, f64x2.mul(x45, x45));
    s67 = f64x2.add(s67, f64x2.mul(x67, x67));
  }
  // The tail: at most seven elements, each into its own sum.
  if (i < count) s01 = f64x2.add(s01, pair(source, i, count));
  if (i + 2 < count) s23 = f64x2.add(s23, pair(source, i + 2, count));
  if (i + 4 < count) s45 = f64x2.add(s45, pair(source, i + 4, count));
  if (i + 6 < count) s67 = f64x2.add(s67, pair(source, i + 6, count));
  const sum = f64x2.add(f64x2.add(s01, s23), f64x2.add(s45, s67));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The squares of elements i and i + 1, the second being 0 past the end. */
function pair(source: usize, i: usize, count: usize): v128 {
  const first = <f64>load<f32>(source + (i << 2));
  const second = i + 1 < count ? <f64>load<f32>(source + ((i + 1) << 2)) : 0;
  return f64x2.replace_lane(f64x2.splat(first * first), 1, second * second);
}
