/**
 * From blocks of GGUF to float32. Each rule is that of ggml's reference (ggml-org/ggml, ggml-quants.c), whose values come
 * out to the last bit: products of a half-precision scale and a few bits are exact, and each value is rounded once.
 */
import { bfloat16ToFloat32, float16ToFloat32 } from '../../tensor/half.ts';
import { type TensorTypeName, tensorTypes } from './tensor-types.ts';

/** Writes the values of the block that begins at `at` into `out` from `to` on. */
type BlockRule = (bytes: DataView, at: number, out: Float32Array, to: number) => void;

const half = (bytes: DataView, at: number): number => float16ToFloat32(bytes.getUint16(at, true));

/** 32 values of 4 bits: low halves of the 16 bytes first, then the high ones. */
function fourBits(bytes: DataView, at: number, out: Float32Array, to: number, value: (q: number) => number): void {
  for (let i = 0; i < 16; i++) {
    const pair = bytes.getUint8(at + i);
    out[to + i] = value(pair & 15);
    out[to + 16 + i] = value(pair >> 4);
  }
}

/** The same with a fifth bit for each value, in one 32-bit word. */
function fiveBits(bytes: DataView, at: number, out: Float32Array, to: number, value: (q: number) => number): void {
  const high = bytes.getUint32(at, true);
  for (let i = 0; i < 16; i++) {
    const pair = bytes.getUint8(at + 4 + i);
    out[to + i] = value((pair & 15) | (((high >>> i) & 1) << 4));
    out[to + 16 + i] = value((pair >> 4) | (((high >>> (16 + i)) & 1) << 4));
  }
}

/** Scale and minimum of sub-block `i`, 0 to 7, of Q4_K and Q5_K: 6 bits each, packed into 12 bytes. */
function scaleAndMinimum(bytes: DataView, at: number, i: number): readonly [scale: number, minimum: number] {
  const byte = (index: number): number => bytes.getUint8(at + index);
  if (i < 4) return [byte(i) & 63, byte(i + 4) & 63];
  return [(byte(i + 4) & 15) | ((byte(i - 4) >> 6) << 4), (byte(i + 4) >> 4) | ((byte(i) >> 6) << 4)];
}

const rules: Readonly<Record<TensorTypeName, BlockRule>> = {
  F32(bytes, at, out, to) {
    out[to] = bytes.getFloat32(at, true);
  },
  F16(bytes, at, out, to) {
    out[to] = half(bytes, at);
  },
  BF16(bytes, at, out, to) {
    out[to] = bfloat16ToFloat32(bytes.getUint16(at, true));
  },
  Q4_0(bytes, at, out, to) {
    const scale = half(bytes, at);
    fourBits(bytes, at + 2, out, to, (q) => scale * (q - 8));
  },
  Q4_1(bytes, at, out, to) {
    const [scale, minimum] = [half(bytes, at), half(bytes, at + 2)];
    fourBits(bytes, at + 4, out, to, (q) => scale * q + minimum);
  },
  Q5_0(bytes, at, out, to) {
    const scale = half(bytes, at);
    fiveBits(bytes, at + 2, out, to, (q) => scale * (q - 16));
  },
  Q5_1(bytes, at, out, to) {
    const [scale, minimum] = [half(bytes, at), half(bytes, at + 2)];
    fiveBits(bytes, at + 4, out, to, (q) => scale * q + minimum);
  },
  Q8_0(bytes, at, out, to) {
    const scale = half(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = scale * bytes.getInt8(at + 2 + i);
  },
  // d, dmin, 12 bytes of scales and minima, 128 bytes of values: 32 bytes hold two sub-blocks of 32.
  Q4_K(bytes, at, out, to) {
    const [d, dmin] = [half(bytes, at), half(bytes, at + 2)];
    for (let i = 0; i < 8; i++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, i);
      for (let j = 0; j < 32; j++) {
        const q = (bytes.getUint8(at + 16 + 32 * (i >> 1) + j) >> (4 * (i & 1))) & 15;
        out[to + 32 * i + j] = d * scale * q - dmin * minimum;
      }
    }
  },
  // The same with 32 bytes of fifth bits before the values: bit i of byte j belongs to value j of sub-block i.
  Q5_K(bytes, at, out, to) {
    const [d, dmin] = [half(bytes, at), half(bytes, at + 2)];
    for (let i = 0; i < 8; i++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, i);
      for (let j = 0; j < 32; j++) {
        const low = (bytes.getUint8(at + 48 + 32 * (i >> 1) + j) >> (4 * (i & 1))) & 15;
        const q = low | (((bytes.getUint8(at + 16 + j) >> i) & 1) << 4);
        out[to + 32 * i + j] = d * scale * q - dmin * minimum;
      }
    }
  },
  // 128 bytes of low bits, 64 of high bits, 16 signed scales, d. Each half of the block has four rows of 32 values.
  Q6_K(bytes, at, out, to) {
    const d = half(bytes, at + 208);
    for (let i = 0; i < 256; i++) {
      const [part, row, column] = [i >> 7, (i >> 5) & 3, i & 31];
      const low = (bytes.getUint8(at + 64 * part + 32 * (row & 1) + column) >> (4 * (row >> 1))) & 15;
      const high = (bytes.getUint8(at + 128 + 32 * part + column) >> (2 * row)) & 3;
      out[to + i] = d * bytes.getInt8(at + 192 + (i >> 4)) * ((low | (high << 4)) - 32);
    }
  },
};

/**
 * @param bytes whole blocks of `type`
 * @param target as many float32 as they hold
 */
export function dequantize(type: TensorTypeName, bytes: Uint8Array, target: Float32Array): void {
  const { length, bytes: blockBytes } = tensorTypes[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rule = rules[type];
  for (let at = 0, to = 0; to < target.length; at += blockBytes, to += length) rule(view, at, target, to);
}
