// Inner products of all pairs of some vectors in one sweep over their sources: float64 sums of exact products in eight lanes
// for each pair, as in sums.ts; of differences, three at a time, float64 sums of short float32 ones.
import { addProducts, addTwoProducts, promoteHigh, promoteTwo } from './sums';
import { bfloat16, blockBytes, blockLength, entryBytes, loadBfloat16, widened } from './sources';

/**
 * Adds the inner products of the vectors whose entries are in `table`: first of 0 with 0, then of 1 with 0 and 1, of 2 with 0,
 * 1 and 2, and so on. Where `centre` is the address of an entry, and not 0, its elements are subtracted from those of every
 * vector before, in float32. `scratch` has room for a block and a word of each.
 */
export function addGram(lanes: usize, table: usize, vectors: usize, centre: usize, count: usize, scratch: usize): void {
  const rooms = centre ? scratch + blockBytes : scratch;
  const blocks = rooms + vectors * blockBytes;
  for (let start: usize = 0; start < count; start += blockLength) {
    const length = min(blockLength, count - start);
    const middle = centre ? widened(centre, start, length, scratch) : 0;
    for (let i: usize = 0; i < vectors; i++) {
      const entry = table + i * entryBytes;
      const room = rooms + i * blockBytes;
      const block = centre ? differences(entry, start, length, middle, room) : widened(entry, start, length, room);
      store<u32>(blocks + (i << 2), <u32>block);
    }
    addProductsOfPairs(lanes, blocks, vectors, length, centre != 0);
  }
}

/** Sets `room` to the elements of the entry less those of the centre. @returns room */
function differences(entry: usize, start: usize, length: usize, centre: usize, room: usize): usize {
  let i: usize = 0;
  if (load<u32>(entry, 4) === bfloat16) {
    const halves = <usize>load<u32>(entry) + (start << 1);
    for (; i + 8 <= length; i += 8) {
      const at = i << 2;
      const low = f32x4.sub(loadBfloat16(halves + (i << 1)), v128.load(centre + at));
      const high = f32x4.sub(loadBfloat16(halves + (i << 1) + 8), v128.load(centre + at, 16));
      v128.store(room + at, low);
      v128.store(room + at, high, 16);
    }
    for (; i < length; i++) {
      const at = i << 2;
      const value = reinterpret<f32>(<u32>load<u16>(halves + (i << 1)) << 16);
      store<f32>(room + at, value - load<f32>(centre + at));
    }
    return room;
  }
  const source = widened(entry, start, length, room);
  for (; i + 4 <= length; i += 4) {
    const at = i << 2;
    v128.store(room + at, f32x4.sub(v128.load(source + at), v128.load(centre + at)));
  }
  for (; i < length; i++) {
    const at = i << 2;
    store<f32>(room + at, load<f32>(source + at) - load<f32>(centre + at));
  }
  return room;
}

/** The same for blocks in float32, whose addresses are in `table`; of differences three at a time in float32 where they can be. */
function addProductsOfPairs(lanes: usize, table: usize, vectors: usize, count: usize, areDifferences: bool): void {
  let sums = lanes;
  let row: usize = 0;
  if (vectors >= 3) {
    if (areDifferences) addTriangleByStripes(sums, at(table, 0), at(table, 1), at(table, 2), count);
    else addTriangle(sums, at(table, 0), at(table, 1), at(table, 2), count);
    sums += 6 * 64;
    row = 3;
  }
  for (; row < vectors; row++) {
    const a = at(table, row);
    let column: usize = 0;
    for (; column + 1 <= row; column += 2, sums += 128)
      addTwoProducts(sums, a, at(table, column), at(table, column + 1), count);
    for (; column <= row; column++, sums += 64) addProducts(sums, a, at(table, column), count);
  }
}

// @ts-ignore: decorator
@inline
function at(table: usize, index: usize): usize {
  return <usize>load<u32>(table + (index << 2));
}

/** Elements that are summed in float32: 16 products in each of four lanes. A divisor of the length of any piece but the last. */
const stripeLength: usize = 64;

/** Squares below lose so much to subnormal numbers that a float32 sum of them could be seen to; sums above may overflow. */
const leastSquares: f32 = 7.888609052210118e-31; // 2^-100
const mostSquares: f32 = 1.329227995784916e36; // 2^120

/**
 * All six products of three vectors of differences, which are small beside their rounding and whose angle is asked for no more
 * exactly than that: float32 products and sums in stripes, which go to the first four lanes in float64. Stripes whose numbers
 * are too large or too small for that, and what is left at the end, are summed in float64.
 */
function addTriangleByStripes(lanes: usize, a: usize, b: usize, c: usize, count: usize): void {
  let start: usize = 0;
  for (; start + stripeLength <= count; start += stripeLength) {
    const at = start << 2;
    if (!addStripe(lanes, a + at, b + at, c + at)) addTriangle(lanes, a + at, b + at, c + at, stripeLength);
  }
  const at = start << 2;
  if (start < count) addTriangle(lanes, a + at, b + at, c + at, count - start);
}

/** @returns false, with nothing added, where float32 does not hold the squares of one of the vectors */
function addStripe(lanes: usize, a: usize, b: usize, c: usize): bool {
  let aa = f32x4.splat(0);
  let ba = aa;
  let bb = aa;
  let ca = aa;
  let cb = aa;
  let cc = aa;
  for (let i: usize = 0; i < stripeLength << 2; i += 16) {
    const x = v128.load(a + i);
    const y = v128.load(b + i);
    const z = v128.load(c + i);
    aa = f32x4.add(aa, f32x4.mul(x, x));
    ba = f32x4.add(ba, f32x4.mul(y, x));
    bb = f32x4.add(bb, f32x4.mul(y, y));
    ca = f32x4.add(ca, f32x4.mul(z, x));
    cb = f32x4.add(cb, f32x4.mul(z, y));
    cc = f32x4.add(cc, f32x4.mul(z, z));
  }
  const least = f32x4.splat(leastSquares);
  const largest = f32x4.max(f32x4.max(aa, bb), cc);
  if (!i32x4.all_true(f32x4.lt(largest, f32x4.splat(mostSquares)))) return false;
  if (!v128.any_true(f32x4.ge(aa, least))) return false;
  if (!v128.any_true(f32x4.ge(bb, least))) return false;
  if (!v128.any_true(f32x4.ge(cc, least))) return false;
  addToLanes(lanes, aa);
  addToLanes(lanes + 64, ba);
  addToLanes(lanes + 128, bb);
  addToLanes(lanes + 192, ca);
  addToLanes(lanes + 256, cb);
  addToLanes(lanes + 320, cc);
  return true;
}

// @ts-ignore: decorator
@inline
function addToLanes(lanes: usize, sums: v128): void {
  v128.store(lanes, f64x2.add(v128.load(lanes), f64x2.promote_low_f32x4(sums)));
  v128.store(lanes, f64x2.add(v128.load(lanes, 16), promoteHigh(sums)), 16);
}

/** All six products of three vectors: each element is brought to float64 once. Two lanes at a time, for want of registers. */
function addTriangle(lanes: usize, a: usize, b: usize, c: usize, count: usize): void {
  const whole = count & ~7;
  for (let pair: usize = 0; pair < 4; pair++) {
    const sums = lanes + (pair << 4);
    let aa = v128.load(sums);
    let ba = v128.load(sums, 64);
    let bb = v128.load(sums, 128);
    let ca = v128.load(sums, 192);
    let cb = v128.load(sums, 256);
    let cc = v128.load(sums, 320);
    for (let i = pair << 3, end = whole << 2; i < end; i += 32) {
      const x = promoteTwo(a + i);
      const y = promoteTwo(b + i);
      const z = promoteTwo(c + i);
      aa = f64x2.add(aa, f64x2.mul(x, x));
      ba = f64x2.add(ba, f64x2.mul(y, x));
      bb = f64x2.add(bb, f64x2.mul(y, y));
      ca = f64x2.add(ca, f64x2.mul(z, x));
      cb = f64x2.add(cb, f64x2.mul(z, y));
      cc = f64x2.add(cc, f64x2.mul(z, z));
    }
    v128.store(sums, aa);
    v128.store(sums, ba, 64);
    v128.store(sums, bb, 128);
    v128.store(sums, ca, 192);
    v128.store(sums, cb, 256);
    v128.store(sums, cc, 320);
  }
  for (let i = whole; i < count; i++) {
    const lane = lanes + ((i & 7) << 3);
    const x = <f64>load<f32>(a + (i << 2));
    const y = <f64>load<f32>(b + (i << 2));
    const z = <f64>load<f32>(c + (i << 2));
    store<f64>(lane, load<f64>(lane) + x * x);
    store<f64>(lane, load<f64>(lane, 64) + y * x, 64);
    store<f64>(lane, load<f64>(lane, 128) + y * y, 128);
    store<f64>(lane, load<f64>(lane, 192) + z * x, 192);
    store<f64>(lane, load<f64>(lane, 256) + z * y, 256);
    store<f64>(lane, load<f64>(lane, 320) + z * z, 320);
  }
}
