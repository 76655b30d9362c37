/**
 * Matrices as integers with one scale for each 32 values of a row, in the layout of the operator MatMulNBits: blocks of
 * rows one after the other, low half of a byte first, integers shifted to be unsigned. Rounding to nearest ("RTN"); no
 * data is looked at.
 */
import { bitsOf, quantizationBlock } from '../../models/inference-graph.ts';
import { ArrayPool } from './array-pool.ts';

export interface QuantizedMatrix {
  /** [out, blocks, 32 bits / 8] */
  readonly data: Uint8Array;
  /** [out * blocks] */
  readonly scales: Float32Array;
}

/**
 * Scales tried for a block of 4-bit values, relative to the one that reaches the greatest value: clipping an outlier a
 * little often costs less than rounding all others more coarsely.
 */
const clippings = [1, 0.94, 0.88, 0.82, 0.76];

/** @param parts matrices [*, input], row-major, whose rows follow one another */
export function quantize(
  parts: readonly Float32Array[],
  input: number,
  precision: 'int8' | 'int4',
  pool = new ArrayPool(),
): QuantizedMatrix {
  const out = parts.reduce((sum, { length }) => sum + length, 0) / input;
  const blocks = Math.ceil(input / quantizationBlock);
  const blockBytes = (quantizationBlock * bitsOf[precision]) / 8;
  const data = pool.u8(out * blocks * blockBytes);
  const scales = pool.f32(out * blocks);
  const encode = precision === 'int8' ? encode8 : encode4;
  const values = new Float32Array(quantizationBlock);
  let place = 0;
  for (const rows of parts) {
    for (let row = 0; row < rows.length; row += input) {
      for (let from = 0; from < input; from += quantizationBlock) {
        const count = Math.min(quantizationBlock, input - from);
        for (let i = 0; i < count; i++) values[i] = rows[row + from + i];
        if (count < quantizationBlock) values.fill(0, count);
        scales[place] = encode(values, data, place * blockBytes);
        place++;
      }
    }
  }
  return { data, scales };
}

/** @returns the scale */
function encode8(values: Float32Array, data: Uint8Array, at: number): number {
  let greatest = 0;
  for (let i = 0; i < quantizationBlock; i++) {
    const size = values[i] < 0 ? -values[i] : values[i];
    if (size > greatest) greatest = size;
  }
  const scale = Math.fround(greatest / 127);
  const inverse = scale === 0 ? 0 : 1 / scale;
  // Truncating what is positive is rounding to nearest of what is half smaller.
  for (let i = 0; i < quantizationBlock; i++) data[at + i] = (values[i] * inverse + 128.5) | 0;
  return scale;
}

function encode4(values: Float32Array, data: Uint8Array, at: number): number {
  let [least, greatest] = [0, 0];
  for (let i = 0; i < quantizationBlock; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > greatest) greatest = values[i];
  }
  // The range is -8 to 7: the extreme value gets the end that reaches further.
  const widest = (-least > greatest ? least : greatest) / -8;
  let [scale, error] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < clippings.length; i++) {
    const candidate = Math.fround(widest * clippings[i]);
    const found = squaredError(values, candidate);
    if (found < error) {
      scale = candidate;
      error = found;
    }
  }
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < quantizationBlock; i += 2) {
    data[at + i / 2] = unsigned4(values[i] * inverse) | (unsigned4(values[i + 1] * inverse) << 4);
  }
  return scale;
}

/** The nearest of -8 to 7, plus 8. */
function unsigned4(value: number): number {
  const shifted = value + 8.5;
  return shifted < 0 ? 0 : shifted >= 16 ? 15 : shifted | 0;
}

function squaredError(values: Float32Array, scale: number): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let i = 0; i < quantizationBlock; i++) {
    const difference = values[i] - (unsigned4(values[i] * inverse) - 8) * scale;
    sum += difference * difference;
  }
  return sum;
}

/** Row `row` as it was, to within rounding. */
export function dequantizeRow(
  { data, scales }: QuantizedMatrix,
  row: number,
  precision: 'int8' | 'int4',
  target: Float32Array,
): void {
  const input = target.length;
  const blocks = Math.ceil(input / quantizationBlock);
  const first = row * blocks * quantizationBlock;
  for (let i = 0; i < input; i++) {
    const place = first + i;
    const value = precision === 'int8' ? data[place] - 128 : ((data[place >> 1] >> ((place & 1) * 4)) & 15) - 8;
    target[i] = value * scales[Math.floor(place / quantizationBlock)];
  }
}
