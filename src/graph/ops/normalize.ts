/** Normalisations over the last axis: softmax, log-softmax, RMSNorm, LayerNorm. */
import { defineOperator, type Operator, requireDType, ShapeError, type Value } from '../operator.ts';
import { elementCount, type Tensor, type TensorType } from '../tensor.ts';
import { add, div, exp, mul, reciprocal, sqrt, sub } from './elementwise.ts';
import { matmul } from './linear.ts';
import { mean, sum } from './reduce.ts';
import { reshape } from './shape.ts';

const last = { axes: [-1], keepDims: true };

/** Applies `f` to each row of the last axis. */
function mapRows(x: Value, f: (row: Float64Array) => Float64Array): Float64Array {
  const width = x.shape.at(-1)!;
  const result = new Float64Array(x.data.length);
  for (let start = 0; start < result.length; start += width)
    result.set(f(x.data.subarray(start, start + width)), start);
  return result;
}

function inferRows([x]: readonly TensorType[]): TensorType {
  requireDType(x, 'f32', 'the input');
  if (x.shape.length === 0) throw new ShapeError('needs at least one axis');
  return { dtype: 'f32', shape: x.shape };
}

function logSumExp(row: Float64Array): number {
  const max = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return max + Math.log(row.reduce((total, value) => total + Math.exp(value - max), 0));
}

const softmaxOperator = defineOperator({
  name: 'softmax',
  infer: inferRows,
  lower: (lowering, { inputs, output }) => lowering.emit('Softmax', inputs, { output, attributes: { axis: -1 } }),
  gradient: ({ output, upstream }) => {
    const weighted = mul(upstream, output);
    return [sub(weighted, mul(output, sum(weighted, last)))];
  },
  reference: ([x]) => mapRows(x, (row) => row.map((value) => Math.exp(value - logSumExp(row)))),
  cases: [{ inputs: [{ shape: [3, 5] }] }, { inputs: [{ shape: [2, 2, 3] }] }],
});
/** exp(x) / sum exp(x) over the last axis. */
export const softmax = (x: Tensor): Tensor => x.graph.apply(softmaxOperator, [x]);

const logSoftmaxOperator = defineOperator({
  name: 'logSoftmax',
  infer: inferRows,
  lower: (lowering, { inputs, output }) => lowering.emit('LogSoftmax', inputs, { output, attributes: { axis: -1 } }),
  gradient: ({ output, upstream }) => [sub(upstream, mul(exp(output), sum(upstream, last)))],
  reference: ([x]) => mapRows(x, (row) => row.map((value) => value - logSumExp(row))),
  cases: [{ inputs: [{ shape: [3, 5] }] }],
});
export const logSoftmax = (x: Tensor): Tensor => x.graph.apply(logSoftmaxOperator, [x]);

function inferNorm([x, ...weights]: readonly TensorType[]): TensorType {
  inferRows([x]);
  for (const weight of weights) {
    if (weight.shape.length !== 1 || weight.shape[0] !== x.shape.at(-1)) {
      throw new ShapeError(`weights must be [${x.shape.at(-1)}]`);
    }
  }
  return { dtype: 'f32', shape: x.shape };
}

/** 1 / sqrt(mean(x^2) + epsilon) over the last axis, which stays with size 1. */
function reciprocalRms(x: Tensor, epsilon: number): Tensor {
  // The runtime adds a number to [..., 1] element by element, and to [...] at once.
  const meanSquare = mean(mul(x, x), { axes: [-1] });
  return reshape(reciprocal(sqrt(add(meanSquare, epsilon))), [...x.shape.slice(0, -1), 1]);
}

/** Mean over the last axis of x weight, for x [count, width], in the shape of `like`: a product with a vector. */
function meanOfProduct(x: Tensor, weight: Tensor, like: Tensor): Tensor {
  const width = weight.shape[0];
  return reshape(matmul(x, reshape(weight, [width, 1]), { alpha: 1 / width }), like.shape);
}

const rmsNormOperator: Operator = defineOperator({
  name: 'rmsNorm',
  infer: inferNorm,
  lower: (lowering, { inputs, output, attributes }) => {
    const epsilon = { float: attributes.epsilon as number };
    lowering.emit('SimplifiedLayerNormalization', inputs, { output, attributes: { axis: -1, epsilon, stash_type: 1 } });
  },
  /**
   * With r = 1 / rms(x), u = upstream w and p = upstream x:  dx = r u - x r^3 mean(u x),  dw = sum(p r). Both sums over
   * p are products with a vector, so that no other array of x's size is made than dx needs.
   */
  gradient: ({ inputs: [x, weight], attributes, upstream }) => {
    const width = weight.shape[0];
    const count = elementCount(x.shape) / width;
    const r = reciprocalRms(x, attributes.epsilon as number);
    const p = reshape(mul(upstream, x), [count, width]);
    const factor = mul(mul(r, mul(r, r)), meanOfProduct(p, weight, r));
    const byWeight = matmul(reshape(r, [1, count]), p);
    return [sub(mul(mul(upstream, weight), r), mul(x, factor)), reshape(byWeight, [width])];
  },
  reference: ([x, weight], attributes) =>
    mapRows(x, (row) => {
      const meanSquare = row.reduce((total, value) => total + value * value, 0) / row.length;
      const scale = 1 / Math.sqrt(meanSquare + (attributes.epsilon as number));
      return row.map((value, i) => value * scale * weight.data[i]);
    }),
  cases: [
    { inputs: [{ shape: [3, 4] }, { shape: [4] }], attributes: { epsilon: 1e-5 } },
    { inputs: [{ shape: [2, 2, 4], low: -0.01, high: 0.01 }, { shape: [4] }], attributes: { epsilon: 1e-2 } },
  ],
});
/** x / sqrt(mean(x^2) + epsilon) * weight over the last axis (Zhang and Sennrich 2019). */
export const rmsNorm = (x: Tensor, weight: Tensor, epsilon: number): Tensor =>
  x.graph.apply(rmsNormOperator, [x, weight], { epsilon });

const layerNormOperator: Operator = defineOperator({
  name: 'layerNorm',
  infer: inferNorm,
  lower: (lowering, { inputs, output, attributes }) => {
    const epsilon = { float: attributes.epsilon as number };
    lowering.emit('LayerNormalization', inputs, { output, attributes: { axis: -1, epsilon } });
  },
  /** As RMSNorm of c = x - mean(x), with the mean taken out again:  dx = r (u - mean(u)) - c r^3 mean(u c). */
  gradient: ({ inputs: [x, weight], attributes, upstream }) => {
    const width = weight.shape[0];
    const count = elementCount(x.shape) / width;
    const centred = sub(x, mean(x, last));
    const r = reciprocalRms(centred, attributes.epsilon as number);
    const p = reshape(mul(upstream, centred), [count, width]);
    const factor = mul(mul(r, mul(r, r)), meanOfProduct(p, weight, r));
    const meanOfU = meanOfProduct(reshape(upstream, [count, width]), weight, r);
    const byX = sub(mul(sub(mul(upstream, weight), meanOfU), r), mul(centred, factor));
    const byWeight = matmul(reshape(r, [1, count]), p);
    const axes = x.shape.slice(0, -1).map((_, axis) => axis);
    return [byX, reshape(byWeight, [width]), sum(upstream, { axes })];
  },
  reference: ([x, weight, bias], attributes) =>
    mapRows(x, (row) => {
      const average = row.reduce((total, value) => total + value, 0) / row.length;
      const variance = row.reduce((total, value) => total + (value - average) ** 2, 0) / row.length;
      const scale = 1 / Math.sqrt(variance + (attributes.epsilon as number));
      return row.map((value, i) => (value - average) * scale * weight.data[i] + bias.data[i]);
    }),
  cases: [{ inputs: [{ shape: [3, 4] }, { shape: [4] }, { shape: [4] }], attributes: { epsilon: 1e-5 } }],
});
/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis. */
export const layerNorm = (x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): Tensor =>
  x.graph.apply(layerNormOperator, [x, weight, bias], { epsilon });

/** x / |x| over the last axis, as embeddings are compared by cosine. */
export function l2Normalize(x: Tensor, epsilon = 1e-12): Tensor {
  return div(x, sqrt(add(sum(mul(x, x), last), epsilon)));
}
