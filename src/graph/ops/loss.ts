/** Cross-entropy over a vocabulary, without one-hot matrices. */
import { type ComposedOperator, defineOperator, requireDType, ShapeError, type Value } from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import { exp, mul, neg } from './elementwise.ts';
import { addAlong, takeAlong } from './indexing.ts';
import { logSoftmax } from './normalize.ts';
import { broadcastTo, reshape } from './shape.ts';

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

const column = (x: Tensor): Tensor => reshape(x, [x.shape[0], 1]);

const crossEntropyOperator: ComposedOperator = defineOperator({
  name: 'crossEntropy',
  infer: inferLoss,
  compose: ([logits, target]) => neg(reshape(takeAlong(logSoftmax(logits), column(target), 1), target.shape)),
  /** (softmax(logits) - one-hot(labels)) upstream, with one scatter in place of a one-hot matrix. */
  gradient: ({ inputs: [logits, target], upstream }) => {
    const minusOne = broadcastTo(logits.graph.constant(-1), [target.shape[0], 1]);
    return [mul(addAlong(exp(logSoftmax(logits)), column(target), minusOne, 1), column(upstream)), undefined];
  },
  reference: ([logits, target]) => {
    const logProbability = logProbabilities(logits);
    return target.data.map((label, row) => -logProbability[row * logits.shape[1] + label]);
  },
  cases: [{ inputs: [{ shape: [3, 5] }, { shape: [3], dtype: 'i32', values: [4, 0, 2] }] }],
});

/** -log softmax(logits)[label] for each row: logits [rows, classes], int32 labels [rows] (all inside the classes). */
export const crossEntropy = (logits: Tensor, target: Tensor): Tensor =>
  logits.graph.apply(crossEntropyOperator, [logits, target]);
