// Products of row-major matrices in float64. Every sum is taken from its first term to its last, each product rounded before
// it is added, as a plain loop does it.

/** out[n, m] += a[n, k] b[k, m]: tiles of four rows and four columns stay in registers. */
export function addProduct(out: usize, a: usize, b: usize, n: usize, k: usize, m: usize): void {
  const tiled = m & ~3;
  let row: usize = 0;
  for (; row + 4 <= n; row += 4) {
    for (let column: usize = 0; column < tiled; column += 4) productTile(out, a, b, k, m, row, column);
  }
  // What the tiles leave: the last columns of the rows that they have, and all columns of the others.
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = i < row ? tiled : 0; j < m; j++) {
      const at = out + ((i * m + j) << 3);
      let sum = load<f64>(at);
      for (let l: usize = 0; l < k; l++) sum += load<f64>(a + ((i * k + l) << 3)) * load<f64>(b + ((l * m + j) << 3));
      store<f64>(at, sum);
    }
  }
}

function productTile(out: usize, a: usize, b: usize, k: usize, m: usize, row: usize, column: usize): void {
  const line = m << 3;
  const stride = k << 3;
  const o0 = out + ((row * m + column) << 3);
  const o1 = o0 + line;
  const o2 = o1 + line;
  const o3 = o2 + line;
  let s00 = v128.load(o0);
  let s01 = v128.load(o0, 16);
  let s10 = v128.load(o1);
  let s11 = v128.load(o1, 16);
  let s20 = v128.load(o2);
  let s21 = v128.load(o2, 16);
  let s30 = v128.load(o3);
  let s31 = v128.load(o3, 16);
  let a0 = a + row * stride;
  let from = b + (column << 3);
  for (const end = a0 + stride; a0 < end; a0 += 8, from += line) {
    const low = v128.load(from);
    const high = v128.load(from, 16);
    const f0 = v128.load64_splat(a0);
    s00 = f64x2.add(s00, f64x2.mul(f0, low));
    s01 = f64x2.add(s01, f64x2.mul(f0, high));
    const a1 = a0 + stride;
    const f1 = v128.load64_splat(a1);
    s10 = f64x2.add(s10, f64x2.mul(f1, low));
    s11 = f64x2.add(s11, f64x2.mul(f1, high));
    const a2 = a1 + stride;
    const f2 = v128.load64_splat(a2);
    s20 = f64x2.add(s20, f64x2.mul(f2, low));
    s21 = f64x2.add(s21, f64x2.mul(f2, high));
    const f3 = v128.load64_splat(a2 + stride);
    s30 = f64x2.add(s30, f64x2.mul(f3, low));
    s31 = f64x2.add(s31, f64x2.mul(f3, high));
  }
  v128.store(o0, s00);
  v128.store(o0, s01, 16);
  v128.store(o1, s10);
  v128.store(o1, s11, 16);
  v128.store(o2, s20);
  v128.store(o2, s21, 16);
  v128.store(o3, s30);
  v128.store(o3, s31, 16);
}

/** out[k, m] += a[n, k]' b[n, m]: four rows of both at a time, of which four columns of b stay in registers. */
export function addTransposedProduct(out: usize, a: usize, b: usize, n: usize, k: usize, m: usize): void {
  const tiled = m & ~3;
  let row: usize = 0;
  for (; row + 4 <= n; row += 4) {
    for (let column: usize = 0; column < tiled; column += 4) transposedTile(out, a, b, k, m, row, column);
    for (let i = row; i < row + 4; i++) addOuter(out, a, b, k, m, i, tiled);
  }
  for (; row < n; row++) addOuter(out, a, b, k, m, row, 0);
}

/** One row of both, from a column of b on. */
function addOuter(out: usize, a: usize, b: usize, k: usize, m: usize, row: usize, first: usize): void {
  for (let l: usize = 0; l < k; l++) {
    const factor = load<f64>(a + ((row * k + l) << 3));
    for (let j = first; j < m; j++) {
      const at = out + ((l * m + j) << 3);
      store<f64>(at, load<f64>(at) + factor * load<f64>(b + ((row * m + j) << 3)));
    }
  }
}

function transposedTile(out: usize, a: usize, b: usize, k: usize, m: usize, row: usize, column: usize): void {
  const line = m << 3;
  const stride = k << 3;
  const b0 = b + ((row * m + column) << 3);
  const b1 = b0 + line;
  const b2 = b1 + line;
  const b3 = b2 + line;
  const x00 = v128.load(b0);
  const x01 = v128.load(b0, 16);
  const x10 = v128.load(b1);
  const x11 = v128.load(b1, 16);
  const x20 = v128.load(b2);
  const x21 = v128.load(b2, 16);
  const x30 = v128.load(b3);
  const x31 = v128.load(b3, 16);
  let to = out + (column << 3);
  let a0 = a + row * stride;
  for (const end = a0 + stride; a0 < end; a0 += 8, to += line) {
    const f0 = v128.load64_splat(a0);
    let low = f64x2.add(v128.load(to), f64x2.mul(f0, x00));
    let high = f64x2.add(v128.load(to, 16), f64x2.mul(f0, x01));
    const a1 = a0 + stride;
    const f1 = v128.load64_splat(a1);
    low = f64x2.add(low, f64x2.mul(f1, x10));
    high = f64x2.add(high, f64x2.mul(f1, x11));
    const a2 = a1 + stride;
    const f2 = v128.load64_splat(a2);
    low = f64x2.add(low, f64x2.mul(f2, x20));
    high = f64x2.add(high, f64x2.mul(f2, x21));
    const f3 = v128.load64_splat(a2 + stride);
    v128.store(to, f64x2.add(low, f64x2.mul(f3, x30)));
    v128.store(to, f64x2.add(high, f64x2.mul(f3, x31)), 16);
  }
}
