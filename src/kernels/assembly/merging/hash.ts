// The body of XXH64 (Collet, xxHash specification): four running 64-bit lanes over stripes of 32 bytes.

/** Takes `stripes` stripes into the four lanes at `lanes`. */
export function hashStripes(lanes: usize, source: usize, stripes: usize): void {
  let a = load<u64>(lanes);
  let b = load<u64>(lanes, 8);
  let c = load<u64>(lanes, 16);
  let d = load<u64>(lanes, 24);
  for (let i: usize = 0; i < stripes; i++) {
    const at = source + (i << 5);
    a = round(a, load<u64>(at));
    b = round(b, load<u64>(at, 8));
    c = round(c, load<u64>(at, 16));
    d = round(d, load<u64>(at, 24));
  }
  store<u64>(lanes, a);
  store<u64>(lanes, b, 8);
  store<u64>(lanes, c, 16);
  store<u64>(lanes, d, 24);
}

// @ts-ignore: decorator
@inline
function round(lane: u64, word: u64): u64 {
  return rotl<u64>(lane + word * 0xc2b2ae3d27d4eb4f, 31) * 0x9e3779b185ebca87;
}
