// Election of signs (TIES, Yadav et al. 2023) for one model at a time: the total of all weighted deltas is known.

/**
 * Where delta * weight is not 0 and has the sign of `total` (0 counts as positive): mix += delta * weight, divisor += weight.
 */
export function addAgreeing(mix: usize, divisor: usize, delta: usize, total: usize, count: usize, weight: f32): void {
  const weights = f32x4.splat(weight);
  const zero = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const offset = i << 2;
    const product = f32x4.mul(v128.load(delta + offset), weights);
    const elected = f32x4.ge(v128.load(total + offset), zero);
    const agrees = v128.bitselect(f32x4.gt(product, zero), f32x4.lt(product, zero), elected);
    v128.store(mix + offset, f32x4.add(v128.load(mix + offset), v128.and(product, agrees)));
    v128.store(divisor + offset, f32x4.add(v128.load(divisor + offset), v128.and(weights, agrees)));
  }
  for (; i < count; i++) {
    const offset = i << 2;
    const product = load<f32>(delta + offset) * weight;
    const agrees = load<f32>(total + offset) >= 0 ? product > 0 : product < 0;
    if (!agrees) continue;
    store<f32>(mix + offset, load<f32>(mix + offset) + product);
    store<f32>(divisor + offset, load<f32>(divisor + offset) + weight);
  }
}

/** mix[i] /= divisor[i], where that is not 0 */
export function divideByAgreement(mix: usize, divisor: usize, count: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const by = v128.load(divisor + (i << 2));
    const safe = v128.bitselect(one, by, f32x4.eq(by, zero));
    v128.store(mix + (i << 2), f32x4.div(v128.load(mix + (i << 2)), safe));
  }
  for (; i < count; i++) {
    const by = load<f32>(divisor + (i << 2));
    if (by != 0) store<f32>(mix + (i << 2), load<f32>(mix + (i << 2)) / by);
  }
}
