// Ranks of magnitudes within a row: a stable radix sort of (magnitude bits, index) pairs, eleven bits at a time.

/**
 * ranks[i] = how many elements of the row come before element i in ascending order of magnitude, equal ones by index.
 * `scratch` has room for 16 bytes per element and 8 KiB.
 */
export function rankMagnitudes(ranks: usize, values: usize, count: usize, scratch: usize): void {
  const counts = scratch;
  let from = scratch + 8192;
  let to = from + (count << 3);
  for (let i: usize = 0; i < count; i++) {
    const key = <u64>(load<u32>(values + (i << 2)) & 0x7fffffff);
    store<u64>(from + (i << 3), (key << 32) | <u64>i);
  }
  for (let shift: u64 = 32; shift < 63; shift += 11) {
    memory.fill(counts, 0, 8192);
    for (let i: usize = 0; i < count; i++) {
      const bin = counts + ((<usize>(load<u64>(from + (i << 3)) >> shift) & 2047) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
    let sum: u32 = 0;
    for (let bin: usize = 0; bin < 8192; bin += 4) {
      const here = load<u32>(counts + bin);
      store<u32>(counts + bin, sum);
      sum += here;
    }
    for (let i: usize = 0; i < count; i++) {
      const pair = load<u64>(from + (i << 3));
      const bin = counts + ((<usize>(pair >> shift) & 2047) << 2);
      const place = load<u32>(bin);
      store<u32>(bin, place + 1);
      store<u64>(to + (<usize>place << 3), pair);
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  for (let rank: usize = 0; rank < count; rank++) {
    store<u32>(ranks + (<usize>load<u32>(from + (rank << 3)) << 2), <u32>rank);
  }
}
