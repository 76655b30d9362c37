// The step of model stock (Jang et al. 2024) from the base towards the mean of the models.
import { bfloat16, blockBytes, blockLength, entryBytes, loadBfloat16, widened } from './sources';

/**
 * target[i] = (((0 + model 0) + model 1) + ...) / models * t + base[i] * rest, every operation rounded to float32 by itself.
 * `table` holds the entries of the models and behind them that of the base. It is one pass, of which only the result goes to
 * memory; where all sources are bfloat16, they are widened as they are loaded. `scratch` has room for a block and a word of
 * each.
 */
export function interpolate(
  target: usize,
  table: usize,
  models: usize,
  count: usize,
  t: f32,
  rest: f32,
  scratch: usize,
): void {
  const places = scratch + (models + 1) * blockBytes;
  const base = places + (models << 2);
  let isNarrow = true;
  for (let i: usize = 0; i <= models; i++) isNarrow = isNarrow && load<u32>(table + i * entryBytes, 4) === bfloat16;
  for (let start: usize = 0; start < count; start += blockLength) {
    const length = min(blockLength, count - start);
    for (let i: usize = 0; i <= models; i++) {
      const entry = table + i * entryBytes;
      const place = isNarrow
        ? <usize>load<u32>(entry) + (start << 1)
        : widened(entry, start, length, scratch + i * blockBytes);
      store<u32>(places + (i << 2), <u32>place);
    }
    const to = target + (start << 2);
    if (isNarrow) interpolateBlock<u16>(to, places, base, length, t, rest);
    else interpolateBlock<f32>(to, places, base, length, t, rest);
  }
}

/**
 * The words from `places` to `base` are the addresses of the models, the word at `base` that of the base. T is f32, or u16
 * for bfloat16.
 */
function interpolateBlock<T>(target: usize, places: usize, base: usize, count: usize, t: f32, rest: f32): void {
  const models = <f32>((base - places) >> 2);
  const divisors = f32x4.splat(models);
  const ts = f32x4.splat(t);
  const rests = f32x4.splat(rest);
  const from = <usize>load<u32>(base);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let place = places; place < base; place += 4) {
      const at = <usize>load<u32>(place) + i * sizeof<T>();
      low = f32x4.add(low, loadFour<T>(at));
      high = f32x4.add(high, loadFour<T>(at + 4 * sizeof<T>()));
    }
    low = f32x4.mul(f32x4.div(low, divisors), ts);
    high = f32x4.mul(f32x4.div(high, divisors), ts);
    const at = from + i * sizeof<T>();
    const second = loadFour<T>(at + 4 * sizeof<T>());
    v128.store(target + (i << 2), f32x4.add(low, f32x4.mul(loadFour<T>(at), rests)));
    v128.store(target + (i << 2), f32x4.add(high, f32x4.mul(second, rests)), 16);
  }
  for (; i < count; i++) {
    let sum: f32 = 0;
    for (let place = places; place < base; place += 4) sum += loadOne<T>(<usize>load<u32>(place) + i * sizeof<T>());
    store<f32>(target + (i << 2), (sum / models) * t + loadOne<T>(from + i * sizeof<T>()) * rest);
  }
}

// @ts-ignore: decorator
@inline
function loadFour<T>(at: usize): v128 {
  return isFloat<T>() ? v128.load(at) : loadBfloat16(at);
}

// @ts-ignore: decorator
@inline
function loadOne<T>(at: usize): f32 {
  return isFloat<T>() ? load<f32>(at) : reinterpret<f32>(<u32>load<u16>(at) << 16);
}
