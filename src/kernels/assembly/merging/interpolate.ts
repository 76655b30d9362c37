// The step of model stock (Jang et al. 2024) from the base towards the mean of the models.
import { bfloat16, blockBytes, blockLength, entryBytes, loadBfloat16, narrowDown } from './sources';

/**
 * target[i] = (((0 + model 0) + model 1) + ...) / models * t + base[i] * rest, every operation rounded to float32 by itself.
 * `table` holds the entries of the models and behind them that of the base. It is one pass, of which only the result goes to
 * memory. `scratch` has room for a block and an entry of each.
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
  const entries = scratch + (models + 1) * blockBytes;
  for (let start: usize = 0; start < count; start += blockLength) {
    const length = min(blockLength, count - start);
    for (let i: usize = 0; i <= models; i++)
      narrowDown(entries + i * entryBytes, table + i * entryBytes, start, length, scratch + i * blockBytes);
    interpolateBlock(target + (start << 2), entries, entries + models * entryBytes, length, t, rest);
  }
}

function interpolateBlock(target: usize, entries: usize, base: usize, count: usize, t: f32, rest: f32): void {
  const models = <f32>((base - entries) / entryBytes);
  const divisors = f32x4.splat(models);
  const ts = f32x4.splat(t);
  const rests = f32x4.splat(rest);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let entry = entries; entry < base; entry += entryBytes) {
      const address = <usize>load<u32>(entry);
      if (load<u32>(entry, 4) === bfloat16) {
        const at = address + (i << 1);
        low = f32x4.add(low, loadBfloat16(at));
        high = f32x4.add(high, loadBfloat16(at + 8));
      } else {
        const at = address + (i << 2);
        low = f32x4.add(low, v128.load(at));
        high = f32x4.add(high, v128.load(at, 16));
      }
    }
    low = f32x4.mul(f32x4.div(low, divisors), ts);
    high = f32x4.mul(f32x4.div(high, divisors), ts);
    v128.store(target + (i << 2), f32x4.add(low, f32x4.mul(loadFour(base, i), rests)));
    v128.store(target + (i << 2), f32x4.add(high, f32x4.mul(loadFour(base, i + 4), rests)), 16);
  }
  for (; i < count; i++) {
    let sum: f32 = 0;
    for (let entry = entries; entry < base; entry += entryBytes) sum += loadOne(entry, i);
    store<f32>(target + (i << 2), (sum / models) * t + loadOne(base, i) * rest);
  }
}

// @ts-ignore: decorator
@inline
function loadFour(entry: usize, i: usize): v128 {
  const at = <usize>load<u32>(entry);
  return load<u32>(entry, 4) === bfloat16 ? loadBfloat16(at + (i << 1)) : v128.load(at + (i << 2));
}

// @ts-ignore: decorator
@inline
function loadOne(entry: usize, i: usize): f32 {
  const at = <usize>load<u32>(entry);
  if (load<u32>(entry, 4) === bfloat16) return reinterpret<f32>(<u32>load<u16>(at + (i << 1)) << 16);
  return load<f32>(at + (i << 2));
}
