/** Cross-entropy over a vocabulary, without one-hot matrices. */
import { defineOperator, type Operator, requireDType, ShapeError, type Value } from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { mul, sub } from './elementwise.ts';
import { oneHot } from './indexing.ts';
import { softmax } from './normalize.ts';
import { sum } from './reduce.ts';
import { reshape } from './shape.ts';

function inferLoss([logits, labels]: readonly TensorType[]): TensorType {
  requireDType(logits, 'f32', 'the logits');
  requireDType(labels, 'i32', 'the labels');
  if (logits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== logits.shape[0]) {
    throw new ShapeError('needs logits [rows, classes] and labels [rows]');
  }
  return { dtype: 'f32', shape: labels.shape };
}

function logProbabilities(logits: Value): Float64Array {
  const [rows, classes] = logits.shape;
  const result = new Float64Array(logits.data.length);
  for (let row = 0; row < rows; row++) {
    const values = logits.data.subarray(row * classes, (row + 1) * classes);
    const max = Math.max(...values);
    const norm = max + Math.log(values.reduce((total, value) => total + Math.exp(value - max), 0));
    result.set(
      values.map((value) => value - norm),
      row * classes,
    );
  }
  return result;
}

const labels = { shape: [3], dtype: 'i32', values: [4, 0, 2] } as const;

const crossEntropyOperator: Operator = defineOperator({
  name: 'crossEntropy',
  infer: inferLoss,
  lower: (lowering, { inputs: [logits, target], output, type }) => {
    const logProbability = lowering.emit('LogSoftmax', [logits], { attributes: { axis: -1 } });
    const column = lowering.emit('Reshape', [target, lowering.int64([type.shape[0], 1])]);
    const picked = lowering.emit('GatherElements', [logProbability, column], { attributes: { axis: 1 } });
    lowering.emit('Neg', [lowering.emit('Reshape', [picked, lowering.int64(type.shape)])], { output });
  },
  gradient: ({ inputs: [logits, target], upstream }) => [
    logits.graph.apply(crossEntropyGradientOperator, [logits, target, upstream]),
    undefined,
  ],
  reference: ([logits, target]) => {
    const logProbability = logProbabilities(logits);
    return target.data.map((label, row) => -logProbability[row * logits.shape[1] + label]);
  },
  cases: [{ inputs: [{ shape: [3, 5] }, labels] }],
});

/** (softmax(logits) - one-hot(labels)) * upstream, with one scatter instead of a one-hot matrix. */
const crossEntropyGradientOperator: Operator = defineOperator({
  name: 'crossEntropyGradient',
  infer: ([logits, target]) => {
    inferLoss([logits, target]);
    return { dtype: 'f32', shape: logits.shape };
  },
  // LogSoftmax is the forward pass' node: the runtime merges equal nodes, so it is computed once.
  lower: (lowering, { inputs: [logits, target, upstream], output, inputTypes }) => {
    const column = lowering.int64([inputTypes[1].shape[0], 1]);
    const scale = lowering.emit('Reshape', [upstream, column]);
    const probability = lowering.emit('Exp', [lowering.emit('LogSoftmax', [logits], { attributes: { axis: -1 } })]);
    const scaled = lowering.emit('Mul', [probability, scale]);
    const updates = [lowering.emit('Reshape', [target, column]), lowering.emit('Neg', [scale])];
    lowering.emit('ScatterElements', [scaled, ...updates], { output, attributes: { axis: 1, reduction: 'add' } });
  },
  // Second derivative, composed: with p the softmax and g the incoming derivative, d/dlogits = u p (g - sum(g p)).
  gradient: ({ inputs: [logits, target, scale], upstream }) => {
    const p = softmax(logits);
    const weighted = mul(upstream, p);
    const total = reduceRows(weighted);
    const u = reshape(scale, [scale.shape[0], 1]);
    const byScale = sub(total, reduceRows(mul(upstream, oneHot(target, logits.shape[1]))));
    return [mul(u, sub(weighted, mul(p, total))), undefined, reshape(byScale, scale.shape)];
  },
  reference: ([logits, target, upstream]) => {
    const classes = logits.shape[1];
    return logProbabilities(logits).map((value, i) => {
      const row = Math.floor(i / classes);
      return (Math.exp(value) - Number(target.data[row] === i % classes)) * upstream.data[row];
    });
  },
  cases: [{ inputs: [{ shape: [3, 5] }, labels, { shape: [3] }] }],
});

const reduceRows = (x: Tensor): Tensor => sum(x, { axes: [1], keepDims: true });

/** -log softmax(logits)[label] for each row: logits [rows, classes], int32 labels [rows] (all inside the classes). */
export const crossEntropy = (logits: Tensor, target: Tensor): Tensor =>
  logits.graph.apply(crossEntropyOperator, [logits, target]);
