import { defineMethod } from '../method.ts';
import { magnitudeOrder } from '../selection/magnitude-order.ts';
import type { TensorStream } from '../stream/tensor-stream.ts';

/** Copies the entries whose change matters most: by size, and by how much their row's softmax diverges from the base's. */
export const arceeFusion = defineMethod({
  name: 'arcee_fusion',
  reference: 'Goddard et al. 2024, Arcee’s MergeKit',
  equation:
    'theta = theta_0 + delta where I >= median(I) + 1.5 (Q3(I) - Q1(I)), I = |delta| KL(softmax(theta_1) || softmax(theta_0)) by row',
  base: 'required',
  models: [1, 1],
  perModel: {},
  settings: {},
  merge(tensor) {
    const divergence = rowDivergences(tensor);
    const importance = tensor.scratch();
    const importanceOf = (base: Float32Array, other: Float32Array, start: number): Float32Array => {
      const values = importance.subarray(0, base.length);
      for (let i = 0; i < values.length; i++) {
        values[i] = Math.abs(other[i] - base[i]) * divergence[Math.floor((start + i) / tensor.rowLength)];
      }
      return values;
    };
    const last = tensor.length - 1;
    const [quartiles] = magnitudeOrder(
      1,
      () => [0.25, 0.5, 0.75].map((share) => Math.trunc(share * last)),
      (visit) => tensor.read(({ base, models: [other], start }) => visit(0, importanceOf(base, other, start))),
      tensor,
    );
    const [first, median, third] = new Float32Array(Uint32Array.from(quartiles, ({ bits }) => bits).buffer);
    const threshold = Math.fround(median + 1.5 * (third - first));
    tensor.write(({ base, models: [other], start }, out) => {
      const values = importanceOf(base, other, start);
      // Rounded where mergekit rounds: what is copied passes through its difference.
      for (let i = 0; i < out.length; i++) {
        out[i] = values[i] >= threshold ? base[i] + Math.fround(other[i] - base[i]) : base[i];
      }
    });
  },
});

/** KL divergence of each row's softmax from the base's, both raised by 1e-8. Eight bytes for each row. */
function rowDivergences(tensor: Pick<TensorStream, 'read' | 'length' | 'rowLength'>): Float64Array {
  const { length, rowLength } = tensor;
  const result = new Float64Array(rowLength > 0 ? length / rowLength : 0);
  tensor.read(
    ({ base, models: [other], start }) => {
      for (let at = 0; at < base.length; at += rowLength) {
        const p = logPartition(other, at, rowLength);
        const q = logPartition(base, at, rowLength);
        let sum = 0;
        for (let i = at; i < at + rowLength; i++) {
          const own = Math.exp(other[i] - p) + 1e-8;
          sum += own * Math.log(own / (Math.exp(base[i] - q) + 1e-8));
        }
        // Negative by rounding only.
        result[(start + at) / rowLength] = Math.max(0, sum);
      }
    },
    { rows: true },
  );
  return result;
}

/** log sum exp of a row */
function logPartition(values: Float32Array, start: number, count: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, values[i]);
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += Math.exp(values[i] - largest);
  return largest + Math.log(sum);
}
