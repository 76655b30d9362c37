// Selection by magnitude on the bit pattern of float32: without its sign it is an integer in the order of the magnitudes.
// Two counts of 2^16 and 2^15 bins find the k-th magnitude of any number of elements exactly.

/** counts[upper 16 of the 31 magnitude bits] += 1 */
export function countMagnitudes(counts: usize, values: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const bin = counts + ((<usize>(load<u32>(values + (i << 2)) & 0x7fffffff) >> 15) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
}

/** counts[lower 15 bits] += 1 for the elements whose upper 16 bits are `upper`. */
export function countMagnitudesWithin(counts: usize, values: usize, count: usize, upper: u32): void {
  const wanted = i32x4.splat(upper);
  const magnitude = i32x4.splat(0x7fffffff);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const bits = v128.and(v128.load(values + (i << 2)), magnitude);
    const hits = i32x4.bitmask(i32x4.eq(i32x4.shr_u(bits, 15), wanted));
    if (hits == 0) continue;
    for (let lane: usize = 0; lane < 4; lane++) {
      if (hits & (1 << <i32>lane)) countLower(counts, load<u32>(values + ((i + lane) << 2)));
    }
  }
  for (; i < count; i++) {
    const bits = load<u32>(values + (i << 2));
    if ((bits & 0x7fffffff) >> 15 == upper) countLower(counts, bits);
  }
}

// @ts-ignore: decorator
@inline
function countLower(counts: usize, bits: u32): void {
  const bin = counts + (<usize>(bits & 0x7fff) << 2);
  store<u32>(bin, load<u32>(bin) + 1);
}

/**
 * Keeps the elements whose magnitude bits are above `threshold`, and of those at it the first `quota`; the rest becomes 0.
 * Returns what is left of the quota.
 */
export function keepLargest(values: usize, count: usize, threshold: u32, quota: u32): u32 {
  const magnitude = i32x4.splat(0x7fffffff);
  const border = i32x4.splat(threshold);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = values + (i << 2);
    const loaded = v128.load(at);
    const bits = v128.and(loaded, magnitude);
    const kept = i32x4.gt_s(bits, border);
    if (quota > 0) {
      const ties = i32x4.eq(bits, border);
      if (v128.any_true(ties)) {
        for (let lane: usize = 0; lane < 4; lane++) quota = keepOne(at + (lane << 2), threshold, quota);
        continue;
      }
    }
    v128.store(at, v128.and(loaded, kept));
  }
  for (; i < count; i++) quota = keepOne(values + (i << 2), threshold, quota);
  return quota;
}

function keepOne(at: usize, threshold: u32, quota: u32): u32 {
  const bits = load<u32>(at) & 0x7fffffff;
  if (bits > threshold) return quota;
  if (bits == threshold && quota > 0) return quota - 1;
  store<u32>(at, 0);
  return quota;
}

/**
 * Keeps a band of the ascending order, in which equal magnitudes stand by index: elements between the two borders; of those
 * at `low` all but the first `skip`; of those at `high` only the first `take`. `quotas` points to skip and take, which are
 * lowered by what was used.
 */
export function keepBand(values: usize, count: usize, low: u32, high: u32, quotas: usize): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const lows = i32x4.splat(low);
  const highs = i32x4.splat(high);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = values + (i << 2);
    const loaded = v128.load(at);
    const bits = v128.and(loaded, magnitude);
    if (v128.any_true(v128.or(i32x4.eq(bits, lows), i32x4.eq(bits, highs)))) {
      for (let lane: usize = 0; lane < 4; lane++) keepOneOfBand(at + (lane << 2), low, high, quotas);
    } else {
      v128.store(at, v128.and(loaded, v128.and(i32x4.gt_s(bits, lows), i32x4.lt_s(bits, highs))));
    }
  }
  for (; i < count; i++) keepOneOfBand(values + (i << 2), low, high, quotas);
}

function keepOneOfBand(at: usize, low: u32, high: u32, quotas: usize): void {
  const bits = load<u32>(at) & 0x7fffffff;
  let kept = bits >= low && bits <= high;
  if (bits == high) {
    const take = load<u32>(quotas, 4);
    if (take == 0) kept = false;
    else store<u32>(quotas, take - 1, 4);
  }
  if (bits == low) {
    const skip = load<u32>(quotas);
    if (skip > 0) {
      store<u32>(quotas, skip - 1);
      kept = false;
    }
  }
  if (!kept) store<u32>(at, 0);
}

/** values[i] = 0 where mask[i] is 0 */
export function keepWhere(values: usize, mask: usize, count: usize): void {
  const zero = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = values + (i << 2);
    v128.store(at, v128.and(v128.load(at), f32x4.ne(v128.load(mask + (i << 2)), zero)));
  }
  for (; i < count; i++) if (load<f32>(mask + (i << 2)) == 0) store<f32>(values + (i << 2), 0);
}
