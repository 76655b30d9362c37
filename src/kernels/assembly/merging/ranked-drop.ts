// DELLA's drop of one row (Deep et al. 2024): an element stays where words[i] < 2^32 p, p = lowest + step * its rank, the place
// of its magnitude in ascending order, equal ones by index.
//
// Most elements need no rank for that. A word below the first p stays at any rank, and one above the last goes; for those
// between, a count of the magnitudes in 2,048 equal intervals says which ranks an element can have, and nearly always all of
// these decide alike. The few that are left are ranked one by one. Rows whose magnitudes crowd in few intervals are sorted.
import { largestMagnitude } from './arithmetic';
import { rankMagnitudes } from './ranks';

const intervals: usize = 2048;

/** Bytes at the start of the scratch: a bin for each interval, and one to begin with. */
const binBytes: usize = 4 * (intervals + 16);

/** Elements to rank one by one, as a row has them on average, up to which that is faster than to sort the row. */
const mostUndecided: f64 = 64;

/** `scratch` has room for 20 bytes per element and `binBytes`. With `inverse`, what stays is divided by its p. */
export function keepByRank(
  values: usize,
  words: usize,
  count: usize,
  lowest: f64,
  step: f64,
  inverse: bool,
  scratch: usize,
): void {
  if (inverse || !keepByInterval(values, words, count, lowest, step, scratch))
    keepSorted(values, words, count, lowest, step, inverse, scratch);
}

function keepSorted(
  values: usize,
  words: usize,
  count: usize,
  lowest: f64,
  step: f64,
  inverse: bool,
  scratch: usize,
): void {
  const ranks = scratch + binBytes + (count << 4);
  rankMagnitudes(ranks, values, count, scratch);
  for (let i: usize = 0; i < count; i++) {
    const at = values + (i << 2);
    const probability = lowest + step * <f64>load<u32>(ranks + (i << 2));
    if (<f64>load<u32>(words + (i << 2)) >= probability * 4294967296.0) store<u32>(at, 0);
    else if (inverse) store<f32>(at, <f32>(<f64>load<f32>(at) / probability));
  }
}

/** Returns whether it did it; where not, nothing is changed. */
function keepByInterval(values: usize, words: usize, count: usize, lowest: f64, step: f64, scratch: usize): bool {
  const scale: f32 = <f32>(intervals - 1) / reinterpret<f32>(largestMagnitude(values, count));
  // Probabilities that are none, and magnitudes that the intervals cannot tell from 0.
  if (!(lowest > 0) || !(lowest + step * <f64>(count - 1) <= 1) || !(scale < 1e30)) return false;
  const crowding = countIntervals(values, count, scale, scratch);
  if (step * <f64>crowding > mostUndecided) return false;

  const first = lastKept(lowest);
  const last = lastKept(lowest + step * <f64>(count - 1));
  const list = scratch + binBytes;
  let end = list;
  for (let i: usize = 0; i < count; i++) {
    store<u32>(end, <u32>i);
    end += load<u32>(words + (i << 2)) - first - 1 < last - first ? 4 : 0;
  }
  // The list of elements to decide on becomes that of elements to drop.
  let dropped = list;
  for (let at = list; at < end; at += 4) {
    const i = load<u32>(at);
    const word = load<u32>(words + (<usize>i << 2));
    const bin = scratch + (<usize>intervalOf(load<f32>(values + (<usize>i << 2)), scale) << 2);
    let kept = isKept(word, load<u32>(bin), lowest, step);
    if (kept != isKept(word, load<u32>(bin, 4) - 1, lowest, step))
      kept = isKept(word, rankOf(values, count, i), lowest, step);
    store<u32>(dropped, i);
    dropped += kept ? 0 : 4;
  }
  dropAbove(values, words, count, last);
  for (let at = list; at < dropped; at += 4) store<u32>(values + (<usize>load<u32>(at) << 2), 0);
  return true;
}

/** The largest word that stays with a probability. */
// @ts-ignore: decorator
@inline
function lastKept(probability: f64): u32 {
  return <u32>(Math.ceil(probability * 4294967296.0) - 1);
}

// @ts-ignore: decorator
@inline
function isKept(word: u32, rank: u32, lowest: f64, step: f64): bool {
  return <f64>word < (lowest + step * <f64>rank) * 4294967296.0;
}

/** Rises with the magnitude. Added to 2^23, a number below 2^23 is rounded to an integer, which is in the lower bits. */
// @ts-ignore: decorator
@inline
function intervalOf(value: f32, scale: f32): u32 {
  return reinterpret<u32>(abs(value) * scale + 8388608) & 4095;
}

/**
 * Bin b of `bins` becomes the number of elements in the intervals before b, for b from 0 to `intervals`. Returns the sum of
 * squares of their numbers.
 */
function countIntervals(values: usize, count: usize, scale: f32, bins: usize): u64 {
  memory.fill(bins, 0, binBytes);
  const scales = f32x4.splat(scale);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const scaled = f32x4.mul(f32x4.abs(v128.load(values + (i << 2))), scales);
    const rounded = v128.and(f32x4.add(scaled, f32x4.splat(8388608)), i32x4.splat(4095));
    countOne(bins, i32x4.extract_lane(rounded, 0));
    countOne(bins, i32x4.extract_lane(rounded, 1));
    countOne(bins, i32x4.extract_lane(rounded, 2));
    countOne(bins, i32x4.extract_lane(rounded, 3));
  }
  for (; i < count; i++) countOne(bins, intervalOf(load<f32>(values + (i << 2)), scale));
  let below: u32 = 0;
  let squares: u64 = 0;
  for (let bin: usize = 1; bin <= intervals; bin++) {
    const here = load<u32>(bins + (bin << 2));
    squares += <u64>here * here;
    below += here;
    store<u32>(bins + (bin << 2), below);
  }
  return squares;
}

// @ts-ignore: decorator
@inline
function countOne(bins: usize, interval: u32): void {
  const bin = bins + (<usize>interval << 2);
  store<u32>(bin, load<u32>(bin, 4) + 1, 4);
}

/** How many elements come before element `index` in ascending order of magnitude, equal ones by index. */
function rankOf(values: usize, count: usize, index: usize): u32 {
  const magnitude = i32x4.splat(0x7fffffff);
  const own = load<u32>(values + (index << 2)) & 0x7fffffff;
  const keys = i32x4.splat(own);
  let smaller = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= index; i += 4) {
    const other = v128.and(v128.load(values + (i << 2)), magnitude);
    smaller = i32x4.add(smaller, i32x4.le_s(other, keys));
  }
  let rank: u32 = 0;
  for (; i < index; i++) rank += (load<u32>(values + (i << 2)) & 0x7fffffff) <= own ? 1 : 0;
  for (; i + 4 <= count; i += 4) {
    const other = v128.and(v128.load(values + (i << 2)), magnitude);
    smaller = i32x4.add(smaller, i32x4.lt_s(other, keys));
  }
  for (; i < count; i++) rank += (load<u32>(values + (i << 2)) & 0x7fffffff) < own ? 1 : 0;
  // Comparisons that hold are -1.
  const pair = i32x4.add(smaller, i32x4.shuffle(smaller, smaller, 2, 3, 0, 1));
  return rank - i32x4.extract_lane(pair, 0) - i32x4.extract_lane(pair, 1);
}

/** values[i] = 0 where words[i] > last, unsigned */
function dropAbove(values: usize, words: usize, count: usize, last: u32): void {
  const sign = i32x4.splat(0x80000000);
  const border = v128.xor(i32x4.splat(last), sign);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = values + (i << 2);
    const above = i32x4.gt_s(v128.xor(v128.load(words + (i << 2)), sign), border);
    v128.store(at, v128.andnot(v128.load(at), above));
  }
  for (; i < count; i++) if (load<u32>(words + (i << 2)) > last) store<u32>(values + (i << 2), 0);
}
