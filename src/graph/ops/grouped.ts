/**
 * Matrix products of rows that belong to groups, each of which has a matrix of its own ("grouped GEMM", Gale et al. 2022,
 * "MegaBlocks"). Rows lie group by group. How many each group has is known at run time only, their number altogether when
 * the graph is built, so that shapes are fixed everywhere outside these products.
 */
import { type Lowering, microsoft } from '../../onnx/lowering.ts';
import { bytesOf } from '../live-bytes.ts';
import { defineOperator, type Operator, type OperatorCase, requireDType, ShapeError, type Value } from '../operator.ts';
import type { Attributes, Tensor, TensorType } from '../tensor.ts';
import { broadcastTo } from './shape.ts';

/** Where the rows of each group begin, and behind the last one where they end. */
function bordersOf(sizes: Value, rows: number): number[] {
  const borders = [0];
  for (const size of sizes.data) borders.push(borders.at(-1)! + size);
  if (borders.at(-1) !== rows) throw new Error(`groups of ${sizes.data.join(', ')} rows are not ${rows} rows`);
  return borders;
}

function requireGroups(sizes: TensorType, count: number): void {
  requireDType(sizes, 'i32', 'the sizes');
  if (sizes.shape.length !== 1 || sizes.shape[0] !== count)
    throw new ShapeError(`expected the sizes of ${count} groups`);
}

/** Names of the rows of each group. Equal splits of one value are made once by the runtime. */
function splitRows(lowering: Lowering, x: string, sizes: string, count: number): string[] {
  const parts = Array.from({ length: count }, () => lowering.temporary());
  lowering.emitMany('Split', [x, lowering.cast(sizes, 'i64')], parts, { attributes: { axis: 0 } });
  return parts;
}

const groupedMatmulOperator: Operator = defineOperator({
  name: 'groupedMatmul',
  infer: ([x, sizes, ...matrices], { transB }) => {
    requireGroups(sizes, matrices.length);
    for (const type of [x, ...matrices]) {
      requireDType(type, 'f32', 'an operand');
      if (type.shape.length !== 2) throw new ShapeError('every operand must be a matrix');
    }
    const [rows, inner] = x.shape;
    const [input, columns] = innerAndColumns(matrices[0], transB);
    if (matrices.some(({ shape }) => shape.join() !== matrices[0].shape.join())) {
      throw new ShapeError('the matrices of all groups must have one shape');
    }
    if (input !== inner) throw new ShapeError(`inner sizes differ: ${inner} and ${input}`);
    return { dtype: 'f32', shape: [rows, columns] };
  },
  lower: (lowering, { inputs: [x, sizes, ...matrices], output, attributes: { transB, alpha } }) => {
    const flags = { transB: transB ? 1 : 0, alpha: { float: alpha as number } };
    const products = splitRows(lowering, x, sizes, matrices.length).map((rows, group) =>
      lowering.emit('FusedMatMul', [rows, matrices[group]], { attributes: flags, domain: microsoft }),
    );
    lowering.emit('Concat', products, { output, attributes: { axis: 0 } });
  },
  scratchBytes: ([x], type) => bytesOf(x) + bytesOf(type),
  gradient: ({ inputs: [x, sizes, ...matrices], attributes, upstream }) => {
    const { transB, alpha } = attributes as { transB: boolean; alpha: number };
    const byMatrix = (group: number) =>
      transB
        ? productOfGroup(upstream, x, sizes, { group, alpha })
        : productOfGroup(x, upstream, sizes, { group, alpha });
    return [
      groupedMatmul(upstream, sizes, matrices, { transB: !transB, alpha }),
      undefined,
      ...matrices.map((_, group) => byMatrix(group)),
    ];
  },
  reference: ([x, sizes, ...matrices], { transB, alpha }) => {
    const [inner, columns] = innerAndColumns(matrices[0], transB);
    const rows = x.shape[0];
    const result = new Float64Array(rows * columns);
    const borders = bordersOf(sizes, rows);
    matrices.forEach(({ data }, group) => {
      for (let i = borders[group]; i < borders[group + 1]; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += x.data[i * inner + k] * data[transB ? j * inner + k : k * columns + j];
          result[i * columns + j] = (alpha as number) * sum;
        }
      }
    });
    return result;
  },
  cases: [
    [2, 3, 1],
    [0, 6, 0],
    [6, 0, 0],
    [1, 0, 5],
  ].flatMap((sizes) =>
    [
      { transB: true, alpha: 0.5, shape: [2, 4] },
      { transB: false, alpha: 1, shape: [4, 2] },
    ].map(({ shape, ...attributes }) => ({
      inputs: [{ shape: [6, 4] }, { shape: [3], dtype: 'i32', values: sizes }, { shape }, { shape }, { shape }],
      attributes,
    })),
  ),
});

function innerAndColumns({ shape: [first, second] }: TensorType, transB: Attributes[string]): [number, number] {
  return transB ? [second, first] : [first, second];
}

interface GroupedMatmulOptions {
  /** Use the transposes of the matrices. */
  readonly transB?: boolean;
  /** Factor on the products. */
  readonly alpha?: number;
}

/**
 * Each row of x [rows, in] times the matrix of its group, [in, out] or [out, in].
 * @param sizes rows of each group, int32 [groups], which add up to the rows of x
 */
export const groupedMatmul = (
  x: Tensor,
  sizes: Tensor,
  matrices: readonly Tensor[],
  { transB = false, alpha = 1 }: GroupedMatmulOptions = {},
): Tensor => x.graph.apply(groupedMatmulOperator, [x, sizes, ...matrices], { transB, alpha });

/** Shapes and kernels of `productOfGroup`, with and without a sum that it is added to. */
function productType([a, b, sizes]: readonly TensorType[], { group }: Attributes): TensorType {
  requireDType(a, 'f32', 'the left operand');
  requireDType(b, 'f32', 'the right operand');
  requireGroups(sizes, sizes.shape[0]);
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== b.shape[0]) {
    throw new ShapeError('the operands must be matrices with as many rows');
  }
  if (!((group as number) < sizes.shape[0])) throw new ShapeError(`there is no group ${group}`);
  return { dtype: 'f32', shape: [a.shape[1], b.shape[1]] };
}

function multiplyGroup([a, b, sizes]: readonly Value[], { group, alpha }: Attributes): Float64Array {
  const [height, width] = [a.shape[1], b.shape[1]];
  const result = new Float64Array(height * width);
  const borders = bordersOf(sizes, a.shape[0]);
  for (let row = borders[group as number]; row < borders[(group as number) + 1]; row++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        result[i * width + j] += (alpha as number) * a.data[row * height + i] * b.data[row * width + j];
      }
    }
  }
  return result;
}

function productGradients(inputs: readonly Tensor[], { group, alpha }: Attributes, upstream: Tensor) {
  const [a, b, sizes] = inputs;
  const zeros = broadcastTo(upstream.graph.constant(0), upstream.shape);
  const matrices = Array.from({ length: sizes.shape[0] }, (_, other) => (other === group ? upstream : zeros));
  const factor = alpha as number;
  return [
    groupedMatmul(b, sizes, matrices, { transB: true, alpha: factor }),
    groupedMatmul(a, sizes, matrices, { alpha: factor }),
    undefined,
  ];
}

const productCases = [0, 1, 2].map((group) => ({
  inputs: [{ shape: [5, 2] }, { shape: [5, 3] }, { shape: [3], dtype: 'i32', values: [4, 0, 1] } as const],
  attributes: { group, alpha: 0.5 },
})) satisfies OperatorCase[];

const productOfGroupOperator: Operator = defineOperator({
  name: 'productOfGroup',
  infer: productType,
  lower: (lowering, { inputs: [a, b, sizes], output, inputTypes, attributes: { group, alpha } }) => {
    const count = inputTypes[2].shape[0];
    const operands = [a, b].map((x) => splitRows(lowering, x, sizes, count)[group as number]);
    const flags = { transA: 1, alpha: { float: alpha as number } };
    lowering.emit('FusedMatMul', operands, { output, attributes: flags, domain: microsoft });
  },
  scratchBytes: ([a, b]) => bytesOf(a) + bytesOf(b),
  withSum: () => addProductOfGroupOperator,
  gradient: ({ inputs, attributes, upstream }) => productGradients(inputs, attributes, upstream),
  reference: multiplyGroup,
  cases: productCases,
});

/** alpha A' B over the rows of one group: [rows, p] and [rows, q] -> [p, q], zeros where the group has none. */
const productOfGroup = (
  a: Tensor,
  b: Tensor,
  sizes: Tensor,
  attributes: { readonly group: number; readonly alpha: number },
): Tensor => a.graph.apply(productOfGroupOperator, [a, b, sizes], { ...attributes });

const addProductOfGroupOperator: Operator = defineOperator({
  name: 'addProductOfGroup',
  infer: ([total, ...factors], attributes) => {
    const type = productType(factors, attributes);
    if (total.shape.join() !== type.shape.join()) throw new ShapeError(`the sum must be [${type.shape}]`);
    return type;
  },
  lower: (lowering, { inputs: [total, a, b, sizes], output, inputTypes, attributes: { group, alpha } }) => {
    const count = inputTypes[3].shape[0];
    const operands = [a, b].map((x) => splitRows(lowering, x, sizes, count)[group as number]);
    const flags = { transA: 1, alpha: { float: alpha as number } };
    lowering.emit('Gemm', [...operands, total], { output, attributes: flags });
  },
  scratchBytes: ([, a, b]) => bytesOf(a) + bytesOf(b),
  gradient: ({ inputs: [, ...factors], attributes, upstream }) => [
    upstream,
    ...productGradients(factors, attributes, upstream),
  ],
  reference: ([total, ...factors], attributes) => multiplyGroup(factors, attributes).map((x, i) => x + total.data[i]),
  cases: productCases.map(({ inputs, attributes }) => ({ inputs: [{ shape: [2, 3] }, ...inputs], attributes })),
});
