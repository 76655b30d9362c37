/**
 * From float32 to blocks of GGUF. The plain types are as ggml's reference makes them (ggml-org/ggml, ggml-quants.c); for
 * Q4_K and Q6_K scales are searched by least squares, since a format says what blocks mean and not how they are chosen.
 */
import { float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../tensor/half.ts';
import { type TensorTypeName, tensorTypes } from './tensor-types.ts';

/** Types that are written. */
export type WrittenType = Extract<TensorTypeName, 'F32' | 'F16' | 'BF16' | 'Q4_0' | 'Q5_0' | 'Q8_0' | 'Q4_K' | 'Q6_K'>;

/** Makes a block of the values from `from` on, and writes it at `at`. */
type BlockRule = (values: Float32Array, from: number, bytes: DataView, at: number) => void;

/** Writes a scale in half precision and gives back what was kept of it. */
function putHalf(bytes: DataView, at: number, value: number): number {
  const bits = float32ToFloat16(value);
  bytes.setUint16(at, bits, true);
  return float16ToFloat32(bits);
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The value of the largest magnitude, with its sign. */
function extreme(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = from; i < from + count; i++) if (Math.abs(values[i]) > Math.abs(best)) best = values[i];
  return best;
}

/** The inverse in float32, as the reference computes it. */
const inverse = (value: number): number => (value === 0 ? 0 : Math.fround(1 / Math.fround(value)));

/** Levels around zero: the extreme value gets the lowest one, `-levels/2`, so that all of them are used. */
const symmetric = (values: Float32Array, from: number, levels: number, scale: number) => {
  const factor = inverse(scale);
  return (i: number): number => clamp(Math.trunc(values[from + i] * factor + levels / 2 + 0.5), 0, levels - 1);
};

const rules: Readonly<Record<WrittenType, BlockRule>> = {
  F32(values, from, bytes, at) {
    bytes.setFloat32(at, values[from], true);
  },
  F16(values, from, bytes, at) {
    bytes.setUint16(at, float32ToFloat16(values[from]), true);
  },
  BF16(values, from, bytes, at) {
    bytes.setUint16(at, float32ToBfloat16(values[from]), true);
  },
  Q8_0(values, from, bytes, at) {
    const scale = Math.fround(Math.abs(extreme(values, from, 32)) / 127);
    const factor = inverse(scale);
    putHalf(bytes, at, scale);
    for (let i = 0; i < 32; i++) {
      const x = Math.fround(values[from + i] * factor);
      bytes.setInt8(at + 2 + i, Math.sign(x) * Math.round(Math.abs(x)));
    }
  },
  Q4_0(values, from, bytes, at) {
    const scale = Math.fround(extreme(values, from, 32) / -8);
    const level = symmetric(values, from, 16, scale);
    putHalf(bytes, at, scale);
    for (let i = 0; i < 16; i++) bytes.setUint8(at + 2 + i, level(i) | (level(16 + i) << 4));
  },
  Q5_0(values, from, bytes, at) {
    const scale = Math.fround(extreme(values, from, 32) / -16);
    const level = symmetric(values, from, 32, scale);
    putHalf(bytes, at, scale);
    let high = 0;
    for (let i = 0; i < 16; i++) {
      const [a, b] = [level(i), level(16 + i)];
      bytes.setUint8(at + 6 + i, (a & 15) | ((b & 15) << 4));
      high |= ((a >> 4) << i) | ((b >> 4) << (16 + i));
    }
    bytes.setUint32(at + 2, high >>> 0, true);
  },
  Q4_K: quantizeQ4K,
  Q6_K: quantizeQ6K,
};

/** Eight sub-blocks of 32 values, value = d * scale * q - dmin * minimum, scales and minima of 6 bits. */
function quantizeQ4K(values: Float32Array, from: number, bytes: DataView, at: number): void {
  const parts = Array.from({ length: 8 }, (_, i) => fitAffine(values, from + 32 * i, 32, 15));
  const d = putHalf(bytes, at, Math.max(...parts.map(({ scale }) => scale)) / 63);
  const dmin = putHalf(bytes, at + 2, Math.max(...parts.map(({ minimum }) => minimum)) / 63);
  const levelOf = (value: number, unit: number): number => (unit === 0 ? 0 : clamp(Math.round(value / unit), 0, 63));
  const scales = parts.map(({ scale }) => levelOf(scale, d));
  const minima = parts.map(({ minimum }) => levelOf(minimum, dmin));
  for (let i = 0; i < 4; i++) {
    bytes.setUint8(at + 4 + i, scales[i] | ((scales[i + 4] >> 4) << 6));
    bytes.setUint8(at + 8 + i, minima[i] | ((minima[i + 4] >> 4) << 6));
    bytes.setUint8(at + 12 + i, (scales[i + 4] & 15) | ((minima[i + 4] & 15) << 4));
  }
  // Levels are chosen for the scales as they were kept, not as they were wished.
  const level = (i: number): number => {
    const [scale, minimum] = [d * scales[i >> 5], dmin * minima[i >> 5]];
    return scale === 0 ? 0 : clamp(Math.round((values[from + i] + minimum) / scale), 0, 15);
  };
  for (let pair = 0; pair < 4; pair++) {
    for (let j = 0; j < 32; j++) {
      bytes.setUint8(at + 16 + 32 * pair + j, level(64 * pair + j) | (level(64 * pair + 32 + j) << 4));
    }
  }
}

/** Sixteen sub-blocks of 16 values, value = d * scale * (q - 32), signed scales of 8 bits. */
function quantizeQ6K(values: Float32Array, from: number, bytes: DataView, at: number): void {
  const wished = Array.from({ length: 16 }, (_, i) => fitSymmetric(values, from + 16 * i, 16, 32));
  const largest = wished.reduce((best, scale) => (Math.abs(scale) > Math.abs(best) ? scale : best), 0);
  const d = putHalf(bytes, at + 208, largest / -128);
  const scales = wished.map((scale) => (d === 0 ? 0 : clamp(Math.round(scale / d), -128, 127)));
  for (const [i, scale] of scales.entries()) bytes.setInt8(at + 192 + i, scale);
  const level = (i: number): number => {
    const scale = d * scales[i >> 4];
    return scale === 0 ? 32 : clamp(Math.round(values[from + i] / scale), -32, 31) + 32;
  };
  for (let part = 0; part < 2; part++) {
    for (let column = 0; column < 32; column++) {
      const [a, b, c, e] = [0, 1, 2, 3].map((row) => level(128 * part + 32 * row + column));
      bytes.setUint8(at + 64 * part + column, (a & 15) | ((c & 15) << 4));
      bytes.setUint8(at + 64 * part + 32 + column, (b & 15) | ((e & 15) << 4));
      const high = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((e >> 4) << 6);
      bytes.setUint8(at + 128 + 32 * part + column, high);
    }
  }
}

/** Ranges that are tried, as shares of the whole one: cutting an outlier off may serve the others. */
const shares = [1, 0.95, 0.9, 0.85, 0.8];

/** scale and minimum, both 0 or more, for values near scale * q - minimum with q from 0 to `top`. */
function fitAffine(values: Float32Array, from: number, count: number, top: number) {
  let [low, high] = [0, 0];
  for (let i = from; i < from + count; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  let best = { scale: (high - low) / top, minimum: -low, error: Number.POSITIVE_INFINITY };
  if (best.scale === 0) return best;
  for (const share of shares) {
    let [scale, minimum] = [((high - low) * share) / top, -low * share];
    for (let round = 0; round < 2; round++) {
      // Given the levels, the best line through the values has a closed form.
      let [sumQ, sumQQ, sumX, sumQX] = [0, 0, 0, 0];
      let error = 0;
      for (let i = from; i < from + count; i++) {
        const q = clamp(Math.round((values[i] + minimum) / scale), 0, top);
        error += (scale * q - minimum - values[i]) ** 2;
        sumQ += q;
        sumQQ += q * q;
        sumX += values[i];
        sumQX += q * values[i];
      }
      if (error < best.error) best = { scale, minimum, error };
      const determinant = count * sumQQ - sumQ * sumQ;
      if (determinant <= 0) break;
      scale = (count * sumQX - sumQ * sumX) / determinant;
      minimum = (sumQ * scale - sumX) / count;
      if (minimum < 0) [scale, minimum] = [sumQX / sumQQ, 0];
      if (!(scale > 0)) break;
    }
  }
  return best;
}

/** The scale, of either sign, for values near scale * q with q from -`half` to `half` - 1. */
function fitSymmetric(values: Float32Array, from: number, count: number, half: number): number {
  const first = extreme(values, from, count) / -half;
  if (first === 0) return 0;
  let best = { scale: first, error: Number.POSITIVE_INFINITY };
  for (const share of shares) {
    let scale = first * share;
    for (let round = 0; round < 2; round++) {
      let [sumQQ, sumQX, error] = [0, 0, 0];
      for (let i = from; i < from + count; i++) {
        const q = clamp(Math.round(values[i] / scale), -half, half - 1);
        error += (scale * q - values[i]) ** 2;
        sumQQ += q * q;
        sumQX += q * values[i];
      }
      if (error < best.error) best = { scale, error };
      if (sumQQ === 0 || sumQX === 0) break;
      scale = sumQX / sumQQ;
    }
  }
  return best.scale;
}

/** @param values whole blocks of them */
export function quantize(type: WrittenType, values: Float32Array): Uint8Array {
  const { length, bytes: blockBytes } = tensorTypes[type];
  const bytes = new Uint8Array((values.length / length) * blockBytes);
  const view = new DataView(bytes.buffer);
  const rule = rules[type];
  for (let from = 0, at = 0; from < values.length; from += length, at += blockBytes) rule(values, from, view, at);
  return bytes;
}
