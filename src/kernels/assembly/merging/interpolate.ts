// The step of model stock (Jang et al. 2024) from the base towards the mean of the models.

/**
 * target[i] = (((0 + model 0) + model 1) + ...) / models * t + base[i] * rest, every operation rounded to float32 by itself.
 * `table` holds the addresses of the models. It is one pass, of which only the result goes to memory.
 */
export function interpolate(
  target: usize,
  base: usize,
  table: usize,
  models: usize,
  count: usize,
  t: f32,
  rest: f32,
): void {
  const divisors = f32x4.splat(<f32>models);
  const ts = f32x4.splat(t);
  const rests = f32x4.splat(rest);
  const end = table + (models << 2);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let entry = table; entry < end; entry += 4) {
      const at = <usize>load<u32>(entry) + (i << 2);
      low = f32x4.add(low, v128.load(at));
      high = f32x4.add(high, v128.load(at, 16));
    }
    low = f32x4.mul(f32x4.div(low, divisors), ts);
    high = f32x4.mul(f32x4.div(high, divisors), ts);
    const at = base + (i << 2);
    v128.store(target + (i << 2), f32x4.add(low, f32x4.mul(v128.load(at), rests)));
    v128.store(target + (i << 2), f32x4.add(high, f32x4.mul(v128.load(at, 16), rests)), 16);
  }
  for (; i < count; i++) {
    let sum: f32 = 0;
    for (let entry = table; entry < end; entry += 4) sum += load<f32>(<usize>load<u32>(entry) + (i << 2));
    store<f32>(target + (i << 2), (sum / <f32>models) * t + load<f32>(base + (i << 2)) * rest);
  }
}
