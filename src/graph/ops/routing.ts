/**
 * Rows on their way to experts and back (Lepikhin et al. 2020, "GShard", where the two are called dispatch and combine):
 * each token makes `perToken` choices, and rows are sent in the order of experts. Choice j of token t has the number
 * j * tokens + t. Both ways read rows by index, and each is the other's derivative: nothing is scattered.
 */
import { bytesOf } from '../live-bytes.ts';
import { defineOperator, type Operator, requireDType, ShapeError } from '../operator.ts';
import type { Tensor, TensorType } from '../tensor.ts';

const argsortOperator = defineOperator({
  name: 'argsort',
  infer: ([x]) => {
    requireDType(x, 'i32', 'the input');
    if (x.shape.length !== 1) throw new ShapeError('the input must be a vector');
    return x;
  },
  // Of equal values the one with the smaller index comes first, by the definition of TopK.
  lower: (lowering, { inputs: [x], output, type }) => {
    const order = lowering.temporary();
    const attributes = { largest: 0, sorted: 1 };
    lowering.emitMany('TopK', [x, lowering.int64([type.shape[0]])], [lowering.temporary(), order], { attributes });
    lowering.emit('Cast', [order], { output, attributes: { to: 6 } });
  },
  gradient: 'none',
  reference: ([{ data }]) => Float64Array.from([...data.keys()].sort((a, b) => data[a] - data[b] || a - b)),
  cases: [{ inputs: [{ shape: [7], dtype: 'i32', values: [2, 0, 1, 2, 0, 0, 1] }] }],
});
/** Indices that sort an int32 vector, equal values in their order; of a permutation, its inverse. */
export const argsort = (x: Tensor): Tensor => x.graph.apply(argsortOperator, [x]);

/** Tokens, rows that are sent, and the width of both. */
function sizesOf([x, order, places]: readonly TensorType[], rowsOfX: 'tokens' | 'sent'): [number, number, number] {
  requireDType(x, 'f32', 'the rows');
  requireDType(order, 'i32', 'the order');
  requireDType(places, 'i32', 'the places');
  const [perToken, tokens] = places.shape;
  const sent = perToken * tokens;
  if (order.shape.join() !== `${sent}`) throw new ShapeError(`the order must be [${sent}]`);
  if (x.shape.length !== 2 || x.shape[0] !== (rowsOfX === 'sent' ? sent : tokens)) {
    throw new ShapeError('the rows must be a matrix with one for each of them');
  }
  return [tokens, sent, x.shape[1]];
}

const order = { shape: [6], dtype: 'i32', values: [4, 0, 2, 3, 1, 5] } as const;
const places = { shape: [2, 3], dtype: 'i32', values: [1, 4, 2, 3, 0, 5] } as const;

const dispatchOperator: Operator = defineOperator({
  name: 'dispatch',
  infer: (inputs) => {
    const [, sent, width] = sizesOf(inputs, 'tokens');
    return { dtype: 'f32', shape: [sent, width] };
  },
  lower: (lowering, { inputs: [x, numbers], output, inputTypes }) => {
    const tokens = lowering.temporary();
    lowering.initializer(tokens, { dtype: 'i32', shape: [] }, [inputTypes[0].shape[0]]);
    lowering.emit('Gather', [x, lowering.emit('Mod', [numbers, tokens])], { output, attributes: { axis: 0 } });
  },
  gradient: ({ inputs: [, numbers, rows], upstream }) => [combine(upstream, numbers, rows), undefined, undefined],
  reference: ([x, numbers]) => {
    const [tokens, width] = x.shape;
    const result = new Float64Array(numbers.data.length * width);
    numbers.data.forEach((number, row) => {
      const token = number % tokens;
      result.set(x.data.subarray(token * width, (token + 1) * width), row * width);
    });
    return result;
  },
  cases: [{ inputs: [{ shape: [3, 2] }, order, places] }],
});
/**
 * Rows in the order in which they are sent: x [tokens, width] -> [choices, width].
 * @param order numbers of the choices, int32 [choices], a permutation
 * @param places its inverse, int32 [perToken, tokens]
 */
export const dispatch = (x: Tensor, order: Tensor, places: Tensor): Tensor =>
  x.graph.apply(dispatchOperator, [x, order, places]);

const combineOperator: Operator = defineOperator({
  name: 'combine',
  infer: (inputs) => {
    const [tokens, , width] = sizesOf(inputs, 'sent');
    return { dtype: 'f32', shape: [tokens, width] };
  },
  lower: (lowering, { inputs: [x, , rows], output, inputTypes }) => {
    const [perToken] = inputTypes[2].shape;
    const ofChoice = (choice: number, name?: string) => {
      const indices = lowering.emit('Gather', [rows, lowering.int64(choice)], { attributes: { axis: 0 } });
      return lowering.emit('Gather', [x, indices], { output: name, attributes: { axis: 0 } });
    };
    let sum = ofChoice(0, perToken === 1 ? output : undefined);
    for (let choice = 1; choice < perToken; choice++) {
      sum = lowering.emit('Add', [sum, ofChoice(choice)], { output: choice === perToken - 1 ? output : undefined });
    }
  },
  scratchBytes: (_inputs, type) => bytesOf(type),
  gradient: ({ inputs: [, numbers, rows], upstream }) => [dispatch(upstream, numbers, rows), undefined, undefined],
  reference: ([x, , rows]) => {
    const [, tokens] = rows.shape;
    const width = x.shape[1];
    const result = new Float64Array(tokens * width);
    rows.data.forEach((row, number) => {
      const token = number % tokens;
      for (let k = 0; k < width; k++) result[token * width + k] += x.data[row * width + k];
    });
    return result;
  },
  cases: [
    { inputs: [{ shape: [6, 2] }, order, places] },
    {
      inputs: [
        { shape: [2, 3] },
        { ...order, shape: [2], values: [1, 0] },
        { ...places, shape: [1, 2], values: [1, 0] },
      ],
    },
  ],
});
/** Sums of what came back to each token: x [choices, width] -> [tokens, width]; `order` and `places` as in `dispatch`. */
export const combine = (x: Tensor, order: Tensor, places: Tensor): Tensor =>
  x.graph.apply(combineOperator, [x, order, places]);
