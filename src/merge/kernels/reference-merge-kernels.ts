/** Every loop of merging in plain TypeScript, with the rounding of each float32 operation spelled out. */
import { philox4x32 } from '../../random/philox.ts';
import { valuesOf } from './elements.ts';
import type { MergeKernels } from './kernels.ts';

const f32 = Math.fround;
const mask64 = 2n ** 64n - 1n;

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function magnitudeBits(value: number): number {
  float[0] = value;
  return word[0] & 0x7fffffff;
}

/** As in src/kernels/assembly/merging/gram.ts. */
const stripeLength = 64;

/** Four float32 sums of float32 products. */
function singleProducts(a: Float32Array, b: Float32Array): Float32Array {
  const sums = new Float32Array(4);
  for (const [i, value] of a.entries()) sums[i % 4] += f32(value * b[i]);
  return sums;
}

function hasSingleSquares(values: Float32Array): boolean {
  const squares = singleProducts(values, values);
  return values.length === stripeLength && squares.every((x) => x < 2 ** 120) && squares.some((x) => x >= 2 ** -100);
}

export const referenceMergeKernels: MergeKernels = {
  setScaled(target, source, factor) {
    for (let i = 0; i < target.length; i++) target[i] = source[i] * f32(factor);
  },

  addScaled(target, source, factor) {
    for (let i = 0; i < target.length; i++) target[i] += f32(source[i] * f32(factor));
  },

  addFused(target, source, factor) {
    for (let i = 0; i < target.length; i++) target[i] += source[i] * f32(factor);
  },

  subtract(target, source) {
    for (let i = 0; i < target.length; i++) target[i] -= source[i];
  },

  divide(target, divisor) {
    for (let i = 0; i < target.length; i++) target[i] /= f32(divisor);
  },

  addSquaredDistance(target, source, centre) {
    for (let i = 0; i < target.length; i++) target[i] += (source[i] - centre[i]) ** 2;
  },

  interpolate(target, base, models, t) {
    const start = valuesOf(base);
    const points = models.map(valuesOf);
    for (let i = 0; i < target.length; i++) {
      const sum = points.reduce((total, values) => f32(total + values[i]), 0);
      target[i] = f32(f32(sum / models.length) * f32(t)) + f32(start[i] * f32(1 - t));
    }
  },

  largestMagnitude: (source) => source.reduce((largest, value) => Math.max(largest, magnitudeBits(value)), 0),

  largestHalf: (source) => source.reduce((largest, bits) => Math.max(largest, bits & 0x7fff), 0),

  addProducts(lanes, a, b) {
    for (let i = 0; i < a.length; i++) lanes[i % 8] += a[i] * b[i];
  },

  addGram(lanes, vectors, _scratch, centre) {
    const middle = centre && valuesOf(centre);
    const points = vectors.map((vector) => (middle ? valuesOf(vector).map((x, i) => x - middle[i]) : valuesOf(vector)));
    let sums = 0;
    for (const [row, a] of points.entries()) {
      for (const b of points.slice(0, row + 1)) {
        const pair = lanes.subarray(sums, sums + 8);
        const areStriped = middle !== undefined && points.length >= 3 && row < 3;
        for (let start = 0; start < a.length; start += stripeLength) {
          const cut = (values: Float32Array): Float32Array => values.subarray(start, start + stripeLength);
          if (areStriped && points.slice(0, 3).every((values) => hasSingleSquares(cut(values)))) {
            for (const [lane, sum] of singleProducts(cut(a), cut(b)).entries()) pair[lane] += sum;
          } else {
            for (const [i, value] of cut(a).entries()) pair[i % 8] += value * b[start + i];
          }
        }
        sums += 8;
      }
    }
  },

  addMagnitudes(lanes, a) {
    for (let i = 0; i < a.length; i++) lanes[i % 8] += Math.abs(a[i]);
  },

  addProduct(out, a, b, columns) {
    const inner = b.length / columns;
    for (let i = 0; i < out.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      for (let l = 0; l < inner; l++) out[i] += a[row * inner + l] * b[l * columns + column];
    }
  },

  addTransposedProduct(out, a, b, columns) {
    const [inner, rows] = [out.length / columns, b.length / columns];
    for (let i = 0; i < out.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      for (let l = 0; l < rows; l++) out[i] += a[l * inner + row] * b[l * columns + column];
    }
  },

  countMagnitudes(counts, values) {
    for (const value of values) counts[magnitudeBits(value) >>> 15] += 1;
  },

  countMagnitudesWithin(counts, values, upper) {
    for (const value of values) {
      const bits = magnitudeBits(value);
      if (bits >>> 15 === upper) counts[bits & 0x7fff] += 1;
    }
  },

  keepLargest(values, threshold, quota) {
    for (let i = 0; i < values.length; i++) {
      const bits = magnitudeBits(values[i]);
      if (bits > threshold) continue;
      if (bits === threshold && quota > 0) quota -= 1;
      else values[i] = 0;
    }
    return quota;
  },

  keepBand(values, { low, high, quotas }) {
    for (let i = 0; i < values.length; i++) {
      const bits = magnitudeBits(values[i]);
      let kept = bits >= low && bits <= high;
      if (bits === high) {
        if (quotas[1] === 0) kept = false;
        else quotas[1] -= 1;
      }
      if (bits === low && quotas[0] > 0) {
        quotas[0] -= 1;
        kept = false;
      }
      if (!kept) values[i] = 0;
    }
  },

  keepWhere(values, mask) {
    for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
  },

  addAgreeing(mix, divisor, delta, total, weight) {
    for (let i = 0; i < mix.length; i++) {
      const product = f32(delta[i] * f32(weight));
      if (total[i] >= 0 ? product > 0 : product < 0) {
        mix[i] += product;
        divisor[i] += f32(weight);
      }
    }
  },

  divideByAgreement(mix, divisor) {
    for (let i = 0; i < mix.length; i++) if (divisor[i] !== 0) mix[i] /= divisor[i];
  },

  randomWords(target, firstBlock, [key0, key1]) {
    for (let block = 0; block < target.length / 4; block++) {
      const counter = firstBlock + block;
      philox4x32(
        counter | 0,
        Math.floor(counter / 2 ** 32),
        0,
        0,
        key0,
        key1,
        target.subarray(4 * block, 4 * block + 4),
      );
    }
  },

  keepBelow(values, words, threshold) {
    for (let i = 0; i < values.length; i++) if (words[i] >= threshold) values[i] = 0;
  },

  keepByRank(values, words, { lowest, step, inverse }) {
    const order = [...values.keys()].sort((i, j) => Math.abs(values[i]) - Math.abs(values[j]) || i - j);
    for (const [rank, i] of order.entries()) {
      const probability = lowest + step * rank;
      if (words[i] >= probability * 2 ** 32) values[i] = 0;
      else if (inverse) values[i] /= probability;
    }
  },

  hashStripes(lanes, bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 8) {
      const lane = (at / 8) % 4;
      const sum = (lanes[lane] + view.getBigUint64(at, true) * 0xc2b2ae3d27d4eb4fn) & mask64;
      lanes[lane] = (((sum << 31n) | (sum >> 33n)) & mask64) * 0x9e3779b185ebca87n;
    }
  },
};
