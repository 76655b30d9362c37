/** Reading and adding by index: embedding rows, picks along an axis, largest elements. Indices are int32. */
import { defineOperator, type Operator, requireDType, ShapeError } from '../operator.ts';
import { elementCount, normalizeAxis, type Shape, stridesOf, type Tensor } from '../tensor.ts';
import { cast, equal } from './elementwise.ts';
import { broadcastTo, reshape } from './shape.ts';

const given = (values: readonly number[], shape: Shape = [values.length]) => ({ dtype: 'i32', values, shape }) as const;

const gatherOperator: Operator = defineOperator({
  name: 'gather',
  infer: ([table, indices]) => {
    requireDType(indices, 'i32', 'the indices');
    if (table.shape.length < 1) throw new ShapeError('the table needs at least one axis');
    return { dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] };
  },
  lower: (lowering, { inputs, output }) => lowering.emit('Gather', inputs, { output, attributes: { axis: 0 } }),
  gradient: ({ inputs: [table, indices], upstream }) => [scatterRows(upstream, indices, table.shape), undefined],
  reference: ([table, indices], _attributes, type) => {
    const width = elementCount(table.shape.slice(1));
    const result = new Float64Array(elementCount(type.shape));
    indices.data.forEach((row, i) => {
      result.set(table.data.subarray(row * width, (row + 1) * width), i * width);
    });
    return result;
  },
  cases: [{ inputs: [{ shape: [4, 3] }, given([1, 3, 1])] }, { inputs: [{ shape: [5] }, given([0, 4, 4, 2], [2, 2])] }],
});
/** Rows of a table: `table[indices]`, with shape [...indices, ...table without its first axis]. */
export const gather = (table: Tensor, indices: Tensor): Tensor => table.graph.apply(gatherOperator, [table, indices]);

const scatterRowsOperator: Operator = defineOperator({
  name: 'scatterRows',
  infer: ([rows, indices], attributes) => {
    requireDType(indices, 'i32', 'the indices');
    const shape = attributes.shape as Shape;
    const expected = [...indices.shape, ...shape.slice(1)];
    if (expected.join() !== rows.shape.join())
      throw new ShapeError(`rows must be [${expected}] to be added into [${shape}]`);
    return { dtype: 'f32', shape };
  },
  // ScatterND with reduction=add races on repeated indices; ScatterElements along axis 0 is exact and reproducible.
  lower: (lowering, { inputs: [rows, indices], output, inputTypes, attributes, type }) => {
    const shape = attributes.shape as Shape;
    const count = elementCount(inputTypes[1].shape);
    const width = elementCount(shape.slice(1));
    const zeros = lowering.emit('Expand', [lowering.scalar(0), lowering.int64([shape[0], width])]);
    const updates = lowering.emit('Reshape', [rows, lowering.int64([count, width])]);
    const column = lowering.emit('Reshape', [indices, lowering.int64([count, 1])]);
    const targets = lowering.emit('Expand', [column, lowering.int64([count, width])]);
    const added = lowering.emit('ScatterElements', [zeros, targets, updates], {
      attributes: { axis: 0, reduction: 'add' },
    });
    lowering.emit('Reshape', [added, lowering.int64(type.shape)], { output });
  },
  gradient: ({ inputs: [, indices], upstream }) => [gather(upstream, indices), undefined],
  reference: ([rows, indices], attributes) => {
    const shape = attributes.shape as Shape;
    const width = elementCount(shape.slice(1));
    const result = new Float64Array(elementCount(shape));
    indices.data.forEach((row, i) => {
      for (let k = 0; k < width; k++) result[row * width + k] += rows.data[i * width + k];
    });
    return result;
  },
  cases: [
    { inputs: [{ shape: [4, 3] }, given([1, 3, 1, 1])], attributes: { shape: [5, 3] } },
    { inputs: [{ shape: [2, 2] }, given([0, 4, 4, 2], [2, 2])], attributes: { shape: [5] } },
  ],
});
/** Zeros of `shape` with each row added at its index; repeated indices add up. The transpose of `gather`. */
export const scatterRows = (rows: Tensor, indices: Tensor, shape: Shape): Tensor =>
  rows.graph.apply(scatterRowsOperator, [rows, indices], { shape });

/** For each element of `shape`, the index in an array of shape `whole` whose `axis` coordinate is replaced by `picks`. */
function pickedIndices(whole: Shape, shape: Shape, axis: number, picks: Float64Array): number[] {
  const sizes = stridesOf(shape);
  const strides = stridesOf(whole);
  return Array.from(picks, (pick, i) =>
    shape.reduce((index, size, k) => index + (k === axis ? pick : Math.floor(i / sizes[k]) % size) * strides[k], 0),
  );
}

const takeAlongOperator: Operator = defineOperator({
  name: 'takeAlong',
  infer: ([x, indices], attributes) => {
    requireDType(indices, 'i32', 'the indices');
    const axis = attributes.axis as number;
    if (normalizeAxis(axis, x.shape.length) !== axis) throw new ShapeError(`axis ${axis} does not fit`);
    if (x.shape.length !== indices.shape.length || x.shape.some((size, k) => k !== axis && size !== indices.shape[k])) {
      throw new ShapeError(`the indices [${indices.shape}] must equal [${x.shape}] outside axis ${axis}`);
    }
    return { dtype: x.dtype, shape: indices.shape };
  },
  lower: (lowering, { inputs, output, attributes }) => {
    lowering.emit('GatherElements', inputs, { output, attributes: { axis: attributes.axis as number } });
  },
  gradient: ({ inputs: [x, indices], attributes, upstream }) => [
    addAlong(broadcastTo(x.graph.constant(0), x.shape), indices, upstream, attributes.axis as number),
    undefined,
  ],
  reference: ([x, indices], attributes) =>
    Float64Array.from(pickedIndices(x.shape, indices.shape, attributes.axis as number, indices.data), (i) => x.data[i]),
  cases: [
    { inputs: [{ shape: [3, 4] }, given([1, 3, 0], [3, 1])], attributes: { axis: 1 } },
    { inputs: [{ shape: [2, 3] }, given([1, 1, 0, 0, 0, 1], [2, 3])], attributes: { axis: 0 } },
  ],
});
/** Elements picked along one axis, as `torch.gather` or `np.take_along_axis`. */
export const takeAlong = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  x.graph.apply(takeAlongOperator, [x, indices], { axis: normalizeAxis(axis, x.shape.length) ?? axis });

const addAlongOperator: Operator = defineOperator({
  name: 'addAlong',
  infer: ([x, indices, updates], attributes) => {
    takeAlongOperator.infer([x, indices], attributes);
    if (updates.shape.join() !== indices.shape.join()) throw new ShapeError('updates and indices must have one shape');
    return { dtype: 'f32', shape: x.shape };
  },
  lower: (lowering, { inputs, output, attributes }) => {
    const axis = attributes.axis as number;
    lowering.emit('ScatterElements', inputs, { output, attributes: { axis, reduction: 'add' } });
  },
  gradient: ({ inputs: [, indices], attributes, upstream }) => [
    upstream,
    undefined,
    takeAlong(upstream, indices, attributes.axis as number),
  ],
  reference: ([x, indices, updates], attributes) => {
    const result = x.data.slice();
    pickedIndices(x.shape, indices.shape, attributes.axis as number, indices.data).forEach((target, i) => {
      result[target] += updates.data[i];
    });
    return result;
  },
  cases: [
    { inputs: [{ shape: [3, 4] }, given([1, 1, 2, 0, 3, 3], [3, 2]), { shape: [3, 2] }], attributes: { axis: 1 } },
  ],
});
/** `x` with updates added at the picked elements of one axis; repeated indices add up. */
export const addAlong = (x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor =>
  x.graph.apply(addAlongOperator, [x, indices, updates], { axis: normalizeAxis(axis, x.shape.length) ?? axis });

const topIndicesOperator = defineOperator({
  name: 'topIndices',
  infer: ([x], attributes) => {
    requireDType(x, 'f32', 'the input');
    const k = attributes.k as number;
    if (!(k >= 1 && k <= (x.shape.at(-1) ?? 0))) throw new ShapeError(`cannot take the ${k} largest of [${x.shape}]`);
    return { dtype: 'i32', shape: [...x.shape.slice(0, -1), k] };
  },
  lower: (lowering, { inputs: [x], output, attributes }) => {
    const indices = lowering.temporary();
    lowering.emitMany('TopK', [x, lowering.int64([attributes.k as number])], [lowering.temporary(), indices]);
    lowering.emit('Cast', [indices], { output, attributes: { to: 6 } });
  },
  gradient: 'none',
  reference: ([x], attributes) => {
    const width = x.shape.at(-1)!;
    const result: number[] = [];
    for (let start = 0; start < x.data.length; start += width) {
      const row = x.data.subarray(start, start + width);
      const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b);
      result.push(...order.slice(0, attributes.k as number));
    }
    return Float64Array.from(result);
  },
  cases: [{ inputs: [{ shape: [3, 5] }], attributes: { k: 2 } }],
});
/** Indices of the k largest elements of the last axis, largest first (ties: the smaller index). For expert routing. */
export const topIndices = (x: Tensor, k: number): Tensor => x.graph.apply(topIndicesOperator, [x], { k });

/** 1 at each index of the last axis, else 0: shape [...indices, depth]. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  const range = indices.graph.constant(
    Array.from({ length: depth }, (_, i) => i),
    { dtype: 'i32' },
  );
  return cast(equal(reshape(indices, [...indices.shape, 1]), range), 'f32');
}
