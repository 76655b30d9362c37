/** Matrix products. Transposition is a flag, never a pass over memory, so weights keep Hugging Face's [out, in] layout. */
import { microsoft } from '../../onnx/lowering.ts';
import { defineOperator, type Operator, type OperatorCase, requireDType, ShapeError, type Value } from '../operator.ts';
import {
  type Attributes,
  broadcastShapes,
  elementCount,
  type Shape,
  sameShape,
  type Tensor,
  type TensorType,
} from '../tensor.ts';
import { broadcastIndices, mul } from './elementwise.ts';
import { sumTo } from './reduce.ts';

export interface MatmulOptions {
  /** Use the transpose of the last two axes of the left operand. */
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor on the product. */
  readonly alpha?: number;
}

/** Rows, inner size and columns of op(A) op(B). */
function dimensions([a, b]: readonly TensorType[], { transA, transB }: Attributes): [number, number, number] {
  requireDType(a, 'f32', 'the left operand');
  requireDType(b, 'f32', 'the right operand');
  if (a.shape.length < 2 || b.shape.length < 2) throw new ShapeError('operands need at least two axes');
  const [aRows, aColumns] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [bRows, bColumns] = transB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  if (aColumns !== bRows) throw new ShapeError(`inner sizes differ: ${aColumns} and ${bRows}`);
  return [aRows, aColumns, bColumns];
}

const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

function multiply([a, b]: readonly Value[], attributes: Attributes, type: TensorType): Float64Array {
  const { transA, transB, alpha } = attributes as { transA: boolean; transB: boolean; alpha: number };
  const [rows, inner, columns] = dimensions([a, b], attributes);
  const result = new Float64Array(elementCount(type.shape));
  const batches = batchOf(type.shape);
  const aBatches = broadcastIndices(batchOf(a.shape), batches);
  const bBatches = broadcastIndices(batchOf(b.shape), batches);
  for (let batch = 0; batch < elementCount(batches); batch++) {
    const aStart = aBatches[batch] * rows * inner;
    const bStart = bBatches[batch] * inner * columns;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = a.data[aStart + (transA ? k * rows + i : i * inner + k)];
          sum += left * b.data[bStart + (transB ? j * inner + k : k * columns + j)];
        }
        result[(batch * rows + i) * columns + j] = alpha * sum;
      }
    }
  }
  return result;
}

const layouts: readonly Attributes[] = [
  { transA: false, transB: false, alpha: 1 },
  { transA: false, transB: true, alpha: 0.5 },
  { transA: true, transB: false, alpha: 1 },
  { transA: true, transB: true, alpha: 2 },
];

const operandShapes = ({ transA, transB }: Attributes): [Shape, Shape] => [
  transA ? [4, 3] : [3, 4],
  transB ? [5, 4] : [4, 5],
];

const cases: readonly OperatorCase[] = layouts.flatMap((attributes) => {
  const [a, b] = operandShapes(attributes);
  return [
    { inputs: [{ shape: a }, { shape: b }], attributes },
    { inputs: [{ shape: [2, ...a] }, { shape: [2, ...b] }], attributes },
    { inputs: [{ shape: [2, 1, ...a] }, { shape: [3, ...b] }], attributes },
  ];
});

/**
 * A matrix whose rows are scaled, as the derivative by logits is by the weights of the labels. Where it is wider than
 * the other operand, the product with it scales that one instead.
 */
function scaledRows({ operator, inputs: [matrix, scale], shape }: Tensor): [matrix: Tensor, scale: Tensor] | undefined {
  const scaled = operator.name === 'mul' && shape.length === 2 && sameShape(matrix.shape, shape);
  return scaled && sameShape(scale.shape, [shape[0], 1]) ? [matrix, scale] : undefined;
}

const matmulOperator: Operator = defineOperator({
  name: 'matmul',
  infer: (inputs, attributes) => {
    const [rows, , columns] = dimensions(inputs, attributes);
    const batch = broadcastShapes(batchOf(inputs[0].shape), batchOf(inputs[1].shape));
    if (!batch) throw new ShapeError('the leading axes do not broadcast');
    return { dtype: 'f32', shape: [...batch, rows, columns] };
  },
  lower: (lowering, { inputs, output, attributes }) => {
    const { transA, transB, alpha } = attributes;
    if (!transA && !transB && alpha === 1) lowering.emit('MatMul', inputs, { output });
    else {
      const flags = { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: alpha as number } };
      lowering.emit('FusedMatMul', inputs, { output, attributes: flags, domain: microsoft });
    }
  },
  gradient: ({ inputs: [a, b], attributes, upstream }) => {
    const { transA, transB, alpha } = attributes as { transA: boolean; transB: boolean; alpha: number };
    const scaled = scaledRows(upstream);
    if (scaled && !transA && upstream.shape[1] > a.shape[1]) {
      const [matrix, scale] = scaled;
      const left = mul(a, scale);
      const byB = transB
        ? matmul(matrix, left, { transA: true, alpha })
        : matmul(left, matrix, { transA: true, alpha });
      return [mul(matmul(matrix, b, { transB: !transB, alpha }), scale), byB];
    }
    const byA = transA
      ? matmul(b, upstream, { transA: transB, transB: true, alpha })
      : matmul(upstream, b, { transB: !transB, alpha });
    const byB = transB
      ? matmul(upstream, a, { transA: true, transB: transA, alpha })
      : matmul(a, upstream, { transA: !transA, alpha });
    return [sumTo(byA, a.shape), sumTo(byB, b.shape)];
  },
  reference: multiply,
  withSum: () => addMatmulOperator,
  cases,
});

/** alpha op(A) op(B); leading axes broadcast. */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transA = false, transB = false, alpha = 1 }: MatmulOptions = {},
): Tensor {
  return a.graph.apply(matmulOperator, [a, b], { transA, transB, alpha });
}

const addMatmulOperator: Operator = defineOperator({
  name: 'addMatmul',
  infer: ([c, ...factors], attributes) => {
    const [rows, , columns] = dimensions(factors, attributes);
    const flat = factors.every((factor) => factor.shape.length === 2);
    const shape = [rows, columns];
    if (!flat || !(sameShape(c.shape, shape) || sameShape(c.shape, [columns]))) {
      throw new ShapeError(`the sum must be [${rows},${columns}] or [${columns}] and every operand a matrix`);
    }
    return { dtype: 'f32', shape };
  },
  lower: (lowering, { inputs: [c, a, b], output, attributes: { transA, transB, alpha } }) => {
    const flags = { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: alpha as number } };
    lowering.emit('Gemm', [a, b, c], { output, attributes: flags });
  },
  gradient: ({ inputs: [c, a, b], attributes, upstream }) => {
    const product = matmulOperator.gradient as Exclude<typeof matmulOperator.gradient, 'none'>;
    return [sumTo(upstream, c.shape), ...product({ inputs: [a, b], output: upstream, attributes, upstream })];
  },
  reference: ([c, ...factors], attributes, type) =>
    multiply(factors, attributes, type).map((x, i) => x + c.data[i % c.data.length]),
  cases: layouts.flatMap((attributes) => {
    const [a, b] = operandShapes(attributes);
    return [[3, 5], [5]].map((c) => ({ inputs: [{ shape: c }, { shape: a }, { shape: b }], attributes }));
  }),
});

/** c + alpha op(A) op(B) for matrices, in one pass; c may be one row that is added to all. */
export function addMatmul(
  c: Tensor,
  a: Tensor,
  b: Tensor,
  { transA = false, transB = false, alpha = 1 }: MatmulOptions = {},
): Tensor {
  return c.graph.apply(addMatmulOperator, [c, a, b], { transA, transB, alpha });
}

/**
 * total + term. A term that is itself a matrix product is folded into it, so that gradients accumulate inside the
 * product instead of in a pass of their own.
 */
export function accumulate(total: Tensor, term: Tensor, add: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const operator = term.shape.length === 2 ? term.operator.withSum?.() : undefined;
  return operator ? total.graph.apply(operator, [total, ...term.inputs], term.attributes) : add(total, term);
}
