/**
 * Every kernel as a plain loop, with the rounding of each float32 operation spelled out. Slow and obvious: the SIMD
 * kernels must agree with it bit for bit.
 */
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../tensor/half.ts';
import type { Kernels } from './kernels.ts';

const f32 = Math.fround;

export const referenceKernels: Kernels = {
  fill(target, value) {
    for (let i = 0; i < target.length; i++) target[i] = value;
  },

  scale(target, factor) {
    for (let i = 0; i < target.length; i++) target[i] *= f32(factor);
  },

  accumulate(target, source) {
    for (let i = 0; i < target.length; i++) target[i] += source[i];
  },

  sumOfSquares(source) {
    const sums = new Float64Array(8);
    for (let i = 0; i < source.length; i++) sums[i % 8] += source[i] * source[i];
    const [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    return s0 + s2 + (s4 + s6) + (s1 + s3 + (s5 + s7));
  },

  adamw({ weight, gradient, m, v }, coefficients) {
    const keep = f32(coefficients.keep);
    const oneMinusBeta1 = f32(coefficients.oneMinusBeta1);
    const beta2 = f32(coefficients.beta2);
    const oneMinusBeta2 = f32(coefficients.oneMinusBeta2);
    const stepSize = f32(coefficients.stepSize);
    const rootCorrection2 = f32(coefficients.rootCorrection2);
    const epsilon = f32(coefficients.epsilon);
    for (let i = 0; i < weight.length; i++) {
      const g = f32(gradient[i] * f32(coefficients.gradientScale));
      m[i] = f32(m[i] + f32(f32(g - m[i]) * oneMinusBeta1));
      v[i] = f32(f32(v[i] * beta2) + f32(oneMinusBeta2 * f32(g * g)));
      const denominator = f32(f32(f32(Math.sqrt(v[i])) / rootCorrection2) + epsilon);
      weight[i] = f32(f32(weight[i] * keep) - f32(stepSize * f32(m[i] / denominator)));
    }
  },

  widen(target, source, type) {
    const decode = type === 'f16' ? float16ToFloat32 : bfloat16ToFloat32;
    for (let i = 0; i < target.length; i++) target[i] = decode(source[i]);
  },

  narrow(target, source, type) {
    const encode = type === 'f16' ? float32ToFloat16 : float32ToBfloat16;
    for (let i = 0; i < target.length; i++) target[i] = encode(source[i]);
  },

  unpackLevels(target, { packed, levels, scales, block }) {
    for (let i = 0; i < target.length; i++) {
      const number = i % 2 === 0 ? packed[i >> 1] >> 4 : packed[i >> 1] & 15;
      target[i] = levels[number] * scales[Math.floor(i / block)];
    }
  },

  narrowFloat64(target, source) {
    for (let i = 0; i < target.length; i++) target[i] = source[i];
  },
};
