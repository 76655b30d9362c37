/**
 * Matrices as integers with one scale for each 32 values of a row, in the layout of the operator MatMulNBits: blocks of
 * rows one after the other, low half of a byte first, integers shifted to be unsigned. Rounding to nearest ("RTN"); no
 * data is looked at.
 */
import { bitsOf, quantizationBlock } from '../../models/inference-graph.ts';

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

/** @param rows row-major [out, input] */
export function quantize(rows: Float32Array, input: number, precision: 'int8' | 'int4'): QuantizedMatrix {
  const out = rows.length / input;
  const blocks = Math.ceil(input / quantizationBlock);
  const blockBytes = (quantizationBlock * bitsOf[precision]) / 8;
  const data = new Uint8Array(out * blocks * blockBytes);
  const scales = new Float32Array(out * blocks);
  const encode = precision === 'int8' ? encode8 : encode4;
  const values = new Float32Array(quantizationBlock);
  for (let row = 0; row < out; row++) {
    for (let block = 0; block < blocks; block++) {
      const from = block * quantizationBlock;
      const count = Math.min(quantizationBlock, input - from);
      values.fill(0);
      for (let i = 0; i < count; i++) values[i] = rows[row * input + from + i];
      const place = row * blocks + block;
      scales[place] = encode(values, data, place * blockBytes);
    }
  }
  return { data, scales };
}

/** @returns the scale */
function encode8(values: Float32Array, data: Uint8Array, at: number): number {
  let greatest = 0;
  for (const value of values) greatest = Math.max(greatest, Math.abs(value));
  const scale = Math.fround(greatest / 127);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < values.length; i++) data[at + i] = Math.round(values[i] * inverse) + 128;
  return scale;
}

function encode4(values: Float32Array, data: Uint8Array, at: number): number {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  // The range is -8 to 7: the extreme value gets the end that reaches further.
  const widest = extreme / -8;
  let [scale, error] = [0, Number.POSITIVE_INFINITY];
  for (const clipping of clippings) {
    const candidate = Math.fround(widest * clipping);
    const found = squaredError(values, candidate);
    if (found < error) [scale, error] = [candidate, found];
  }
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < values.length; i += 2) {
    data[at + i / 2] = (nearest4(values[i] * inverse) + 8) | ((nearest4(values[i + 1] * inverse) + 8) << 4);
  }
  return scale;
}

const nearest4 = (value: number): number => Math.max(-8, Math.min(7, Math.round(value)));

function squaredError(values: Float32Array, scale: number): number {
  const inverse = scale === 0 ? 0 : 1 / scale;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i] - nearest4(values[i] * inverse) * scale;
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
