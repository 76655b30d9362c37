/** Operators that move elements without computing: reshape, transpose, broadcast, slice, concatenate, pad. */
import { defineOperator, type Operator, ShapeError, type Value } from '../operator.ts';
import {
  broadcastShapes,
  elementCount,
  formatType,
  normalizeAxis,
  type Shape,
  sameShape,
  stridesOf,
  type Tensor,
} from '../tensor.ts';
import { broadcastIndices } from './elementwise.ts';
import { sumTo } from './reduce.ts';

const reshapeOperator = defineOperator({
  name: 'reshape',
  infer: ([x], attributes) => {
    const shape = attributes.shape as Shape;
    if (elementCount(shape) !== elementCount(x.shape)) throw new ShapeError(`cannot become [${shape}]`);
    return { dtype: x.dtype, shape };
  },
  lower: (lowering, { inputs: [x], output, type }) => {
    lowering.emit('Reshape', [x, lowering.int64(type.shape)], { output });
  },
  gradient: ({ inputs: [x], upstream }) => [reshape(upstream, x.shape)],
  reference: ([x]) => x.data,
  cases: [{ inputs: [{ shape: [2, 6] }], attributes: { shape: [3, 4] } }],
});
/** The same elements in another shape; one size may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const resolved = shape.map((size) => (size === -1 ? elementCount(x.shape) / known : size));
  return sameShape(resolved, x.shape) ? x : x.graph.apply(reshapeOperator, [x], { shape: resolved });
}

/** For each element of the transposed array, its index before. */
function transposedIndices(shape: Shape, permutation: readonly number[]): Int32Array {
  const from = stridesOf(shape);
  const result = permutation.map((axis) => shape[axis]);
  const to = stridesOf(result);
  return Int32Array.from({ length: elementCount(shape) }, (_, i) =>
    permutation.reduce(
      (index, axis, position) => index + (Math.floor(i / to[position]) % result[position]) * from[axis],
      0,
    ),
  );
}

const transposeOperator = defineOperator({
  name: 'transpose',
  infer: ([x], attributes) => {
    const permutation = attributes.permutation as readonly number[];
    const expected = x.shape.map((_, axis) => axis);
    if (
      !sameShape(
        [...permutation].sort((a, b) => a - b),
        expected,
      )
    ) {
      throw new ShapeError(`[${permutation}] is no permutation of the axes of rank ${x.shape.length}`);
    }
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]) };
  },
  lower: (lowering, { inputs, output, attributes }) => {
    lowering.emit('Transpose', inputs, { output, attributes: { perm: attributes.permutation as readonly number[] } });
  },
  gradient: ({ attributes, upstream }) => {
    const permutation = attributes.permutation as readonly number[];
    return [
      transpose(
        upstream,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
  reference: ([x], attributes) => {
    const indices = transposedIndices(x.shape, attributes.permutation as readonly number[]);
    return Float64Array.from(indices, (index) => x.data[index]);
  },
  cases: [
    { inputs: [{ shape: [2, 3, 4] }], attributes: { permutation: [2, 0, 1] } },
    { inputs: [{ shape: [2, 3] }], attributes: { permutation: [1, 0] } },
  ],
});
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  x.graph.apply(transposeOperator, [x], { permutation });

const broadcastToOperator = defineOperator({
  name: 'broadcastTo',
  infer: ([x], attributes) => {
    const shape = attributes.shape as Shape;
    const joint = broadcastShapes(x.shape, shape);
    if (!joint || !sameShape(joint, shape)) throw new ShapeError(`cannot be broadcast to [${shape}]`);
    return { dtype: x.dtype, shape };
  },
  lower: (lowering, { inputs: [x], output, type }) => {
    lowering.emit('Expand', [x, lowering.int64(type.shape)], { output });
  },
  gradient: ({ inputs: [x], upstream }) => [sumTo(upstream, x.shape)],
  reference: ([x], _attributes, type) => Float64Array.from(broadcastIndices(x.shape, type.shape), (i) => x.data[i]),
  cases: [
    { inputs: [{ shape: [2, 1] }], attributes: { shape: [2, 3] } },
    { inputs: [{ shape: [3] }], attributes: { shape: [2, 2, 3] } },
  ],
});
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : x.graph.apply(broadcastToOperator, [x], { shape });

/** Copies between an array and the part [start, start + size) of its `axis`. */
function eachPart(
  whole: Shape,
  axis: number,
  start: number,
  size: number,
  visit: (inWhole: number, inPart: number) => void,
): void {
  const inner = elementCount(whole.slice(axis + 1));
  const outer = elementCount(whole.slice(0, axis));
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < size * inner; i++) visit((o * whole[axis] + start) * inner + i, o * size * inner + i);
  }
}

const sliceOperator: Operator = defineOperator({
  name: 'slice',
  infer: ([x], attributes) => {
    const { axis, start, end } = attributes as { axis: number; start: number; end: number };
    if (normalizeAxis(axis, x.shape.length) !== axis) throw new ShapeError(`axis ${axis} does not fit`);
    if (!(start >= 0 && start < end && end <= x.shape[axis]))
      throw new ShapeError(`[${start}, ${end}) is outside axis ${axis}`);
    return { dtype: x.dtype, shape: x.shape.map((size, i) => (i === axis ? end - start : size)) };
  },
  lower: (lowering, { inputs: [x], output, attributes }) => {
    const [start, end, axis] = ['start', 'end', 'axis'].map((key) => lowering.int64([attributes[key] as number]));
    lowering.emit('Slice', [x, start, end, axis], { output });
  },
  gradient: ({ inputs: [x], attributes, upstream }) => {
    const { axis, start, end } = attributes as { axis: number; start: number; end: number };
    return [pad(upstream, { axis, before: start, after: x.shape[axis] - end })];
  },
  reference: ([x], attributes, type) => {
    const result = new Float64Array(elementCount(type.shape));
    const axis = attributes.axis as number;
    eachPart(x.shape, axis, attributes.start as number, type.shape[axis], (whole, part) => {
      result[part] = x.data[whole];
    });
    return result;
  },
  cases: [
    { inputs: [{ shape: [2, 5, 3] }], attributes: { axis: 1, start: 1, end: 4 } },
    { inputs: [{ shape: [4] }], attributes: { axis: 0, start: 2, end: 4 } },
  ],
});
/** Elements [start, end) of one axis. */
export function slice(x: Tensor, options: { axis: number; start: number; end: number }): Tensor {
  const axis = normalizeAxis(options.axis, x.shape.length) ?? options.axis;
  if (options.start === 0 && options.end === x.shape[axis]) return x;
  return x.graph.apply(sliceOperator, [x], { axis, start: options.start, end: options.end });
}

const padOperator = defineOperator({
  name: 'pad',
  infer: ([x], attributes) => {
    const { axis, before, after } = attributes as { axis: number; before: number; after: number };
    if (normalizeAxis(axis, x.shape.length) !== axis) throw new ShapeError(`axis ${axis} does not fit`);
    if (before < 0 || after < 0) throw new ShapeError('padding cannot be negative');
    return { dtype: x.dtype, shape: x.shape.map((size, i) => (i === axis ? before + size + after : size)) };
  },
  lower: (lowering, { inputs: [x], output, attributes, type }) => {
    const pads = new Array<number>(2 * type.shape.length).fill(0);
    pads[attributes.axis as number] = attributes.before as number;
    pads[type.shape.length + (attributes.axis as number)] = attributes.after as number;
    lowering.emit('Pad', [x, lowering.int64(pads)], { output });
  },
  gradient: ({ inputs: [x], attributes, upstream }) => {
    const { axis, before } = attributes as { axis: number; before: number };
    return [slice(upstream, { axis, start: before, end: before + x.shape[axis] })];
  },
  reference: ([x], attributes, type) => {
    const result = new Float64Array(elementCount(type.shape));
    const axis = attributes.axis as number;
    eachPart(type.shape, axis, attributes.before as number, x.shape[axis], (whole, part) => {
      result[whole] = x.data[part];
    });
    return result;
  },
  cases: [{ inputs: [{ shape: [2, 3] }], attributes: { axis: 1, before: 2, after: 1 } }],
});
/** Zeros before and after along one axis. */
export function pad(x: Tensor, options: { axis: number; before: number; after: number }): Tensor {
  if (options.before === 0 && options.after === 0) return x;
  const axis = normalizeAxis(options.axis, x.shape.length) ?? options.axis;
  return x.graph.apply(padOperator, [x], { axis, before: options.before, after: options.after });
}

const concatOperator = defineOperator({
  name: 'concat',
  infer: (inputs, attributes) => {
    const axis = attributes.axis as number;
    const [first] = inputs;
    if (normalizeAxis(axis, first.shape.length) !== axis) throw new ShapeError(`axis ${axis} does not fit`);
    for (const input of inputs) {
      const fits = input.dtype === first.dtype && input.shape.length === first.shape.length;
      if (!fits || input.shape.some((size, i) => i !== axis && size !== first.shape[i])) {
        throw new ShapeError(`${formatType(input)} does not fit beside ${formatType(first)} along axis ${axis}`);
      }
    }
    const size = inputs.reduce((sum, input) => sum + input.shape[axis], 0);
    return { dtype: first.dtype, shape: first.shape.map((s, i) => (i === axis ? size : s)) };
  },
  lower: (lowering, { inputs, output, attributes }) => {
    lowering.emit('Concat', inputs, { output, attributes: { axis: attributes.axis as number } });
  },
  gradient: ({ inputs, attributes, upstream }) => {
    const axis = attributes.axis as number;
    let start = 0;
    return inputs.map((input) => {
      const end = start + input.shape[axis];
      const part = slice(upstream, { axis, start, end });
      start = end;
      return part;
    });
  },
  reference: (inputs: readonly Value[], attributes, type) => {
    const result = new Float64Array(elementCount(type.shape));
    const axis = attributes.axis as number;
    let start = 0;
    for (const input of inputs) {
      eachPart(type.shape, axis, start, input.shape[axis], (whole, part) => {
        result[whole] = input.data[part];
      });
      start += input.shape[axis];
    }
    return result;
  },
  cases: [
    { inputs: [{ shape: [2, 2] }, { shape: [2, 3] }, { shape: [2, 1] }], attributes: { axis: 1 } },
    { inputs: [{ shape: [1, 3] }, { shape: [2, 3] }], attributes: { axis: 0 } },
  ],
});
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (parts.length === 1) return first;
  return first.graph.apply(concatOperator, parts, { axis: normalizeAxis(axis, first.shape.length) ?? axis });
}

/** Where the part of a padded tensor is that is not zeros. */
function partOf({ operator, inputs, attributes }: Tensor) {
  if (operator !== padOperator) return undefined;
  const { axis, before, after } = attributes as { axis: number; before: number; after: number };
  const [part] = inputs;
  const isJoined = part.operator === concatOperator && part.attributes.axis === axis;
  return { axis, before, after, end: before + part.shape[axis], parts: isJoined ? part.inputs : [part] };
}

/**
 * The sum of two tensors of one shape that are zeros except for neighbouring parts, without padding and adding: derivatives
 * by the parts that a tensor was sliced into are of this kind. Undefined for others.
 */
export function joinNeighbours(x: Tensor, y: Tensor): Tensor | undefined {
  const [a, b] = [partOf(x), partOf(y)];
  if (!a || !b || a.axis !== b.axis) return undefined;
  const [first, second] = a.before < b.before ? [a, b] : [b, a];
  if (first.end !== second.before) return undefined;
  const { axis, before } = first;
  return pad(concat([...first.parts, ...second.parts], axis), { axis, before, after: second.after });
}
