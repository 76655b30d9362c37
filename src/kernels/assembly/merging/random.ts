// Philox4x32-10 (Salmon et al. 2011; the scalar form is src/random/philox.ts), four blocks at a time, and what is dropped by it.

/** Writes `blocks` blocks of four words: block b under counter (low + b, high, 0, 0) and key (key0, key1). `low` must not wrap. */
export function randomWords(target: usize, blocks: usize, low: u32, high: u32, key0: u32, key1: u32): void {
  for (let block: usize = 0; block < blocks; block += 4) {
    let c0 = i32x4.add(i32x4.splat(low + <u32>block), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(high);
    let c2 = i32x4.splat(0);
    let c3 = i32x4.splat(0);
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round++) {
      const multiplier0 = i32x4.splat(0xd2511f53);
      const multiplier1 = i32x4.splat(0xcd9e8d57);
      const a = i64x2.extmul_low_i32x4_u(c0, multiplier0);
      const b = i64x2.extmul_high_i32x4_u(c0, multiplier0);
      const c = i64x2.extmul_low_i32x4_u(c2, multiplier1);
      const d = i64x2.extmul_high_i32x4_u(c2, multiplier1);
      const low0 = i32x4.shuffle(a, b, 0, 2, 4, 6);
      const high0 = i32x4.shuffle(a, b, 1, 3, 5, 7);
      const low1 = i32x4.shuffle(c, d, 0, 2, 4, 6);
      const high1 = i32x4.shuffle(c, d, 1, 3, 5, 7);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
      c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
      c3 = low0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    // From one word of four blocks to four words of one block.
    const t0 = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
    const t1 = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
    const t2 = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
    const t3 = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
    const at = target + (block << 4);
    v128.store(at, i64x2.shuffle(t0, t1, 0, 2));
    v128.store(at, i64x2.shuffle(t0, t1, 1, 3), 16);
    v128.store(at, i64x2.shuffle(t2, t3, 0, 2), 32);
    v128.store(at, i64x2.shuffle(t2, t3, 1, 3), 48);
  }
}

/** values[i] = 0 where words[i] >= threshold, unsigned */
export function keepBelow(values: usize, words: usize, count: usize, threshold: u32): void {
  const sign = i32x4.splat(0x80000000);
  const border = v128.xor(i32x4.splat(threshold), sign);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = values + (i << 2);
    const kept = i32x4.lt_s(v128.xor(v128.load(words + (i << 2)), sign), border);
    v128.store(at, v128.and(v128.load(at), kept));
  }
  for (; i < count; i++) if (load<u32>(words + (i << 2)) >= threshold) store<u32>(values + (i << 2), 0);
}
