// One pass over memory each. Pointers are byte addresses, `count` is in float32 elements.

/** target[i] = value */
export function fill(target: usize, count: usize, value: f32): void {
  const values = f32x4.splat(value);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) v128.store(target + (i << 2), values);
  for (; i < count; i++) store<f32>(target + (i << 2), value);
}

/** target[i] *= factor */
export function scale(target: usize, count: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    v128.store(at, f32x4.mul(v128.load(at), factors));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, load<f32>(at) * factor);
  }
}

/** target[i] += source[i] */
export function accumulate(target: usize, source: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = target + (i << 2);
    v128.store(at, f32x4.add(v128.load(at), v128.load(source + (i << 2))));
  }
  for (; i < count; i++) {
    const at = target + (i << 2);
    store<f32>(at, load<f32>(at) + load<f32>(source + (i << 2)));
  }
}
