/**
 * One AdamW step in place over `count` float32 elements; the meaning of each coefficient stands in ../adamw.ts.
 * Every operation is a single float32 operation, in the order of the reference, so the two agree bit for bit.
 */
export function adamw(
  weight: usize,
  gradient: usize,
  m: usize,
  v: usize,
  count: usize,
  gradientScale: f32,
  keep: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  stepSize: f32,
  rootCorrection2: f32,
  epsilon: f32,
): void {
  const gradientScales = f32x4.splat(gradientScale);
  const keeps = f32x4.splat(keep);
  const oneMinusBeta1s = f32x4.splat(oneMinusBeta1);
  const beta2s = f32x4.splat(beta2);
  const oneMinusBeta2s = f32x4.splat(oneMinusBeta2);
  const stepSizes = f32x4.splat(stepSize);
  const rootCorrection2s = f32x4.splat(rootCorrection2);
  const epsilons = f32x4.splat(epsilon);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const at = i << 2;
    const g = f32x4.mul(v128.load(gradient + at), gradientScales);
    const oldM = v128.load(m + at);
    const newM = f32x4.add(oldM, f32x4.mul(f32x4.sub(g, oldM), oneMinusBeta1s));
    const newV = f32x4.add(f32x4.mul(v128.load(v + at), beta2s), f32x4.mul(oneMinusBeta2s, f32x4.mul(g, g)));
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(newV), rootCorrection2s), epsilons);
    const decayed = f32x4.mul(v128.load(weight + at), keeps);
    v128.store(m + at, newM);
    v128.store(v + at, newV);
    v128.store(weight + at, f32x4.sub(decayed, f32x4.mul(stepSizes, f32x4.div(newM, denominator))));
  }
  for (; i < count; i++) {
    const at = i << 2;
    const g = load<f32>(gradient + at) * gradientScale;
    const oldM = load<f32>(m + at);
    const newM = oldM + (g - oldM) * oneMinusBeta1;
    const newV = load<f32>(v + at) * beta2 + oneMinusBeta2 * (g * g);
    const denominator = sqrt<f32>(newV) / rootCorrection2 + epsilon;
    store<f32>(m + at, newM);
    store<f32>(v + at, newV);
    store<f32>(weight + at, load<f32>(weight + at) * keep - stepSize * (newM / denominator));
  }
}
