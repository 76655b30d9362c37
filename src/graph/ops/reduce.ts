/** Sums, means and maxima along axes, and the sum that undoes a broadcast. */
import { defineOperator, type GradientContext, type OperatorCase, requireDType, ShapeError } from '../operator.ts';
import { elementCount, normalizeAxis, type Shape, sameShape, stridesOf, type Tensor } from '../tensor.ts';
import { cast, div, equal, mul } from './elementwise.ts';
import { broadcastTo, reshape } from './shape.ts';

export interface ReduceOptions {
  /** Default: all axes. */
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

const keptShape = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** For each element of `shape`, the index of the result element into which it is reduced. */
function targets(shape: Shape, axes: readonly number[]): Int32Array {
  const sizes = stridesOf(shape);
  const strides = stridesOf(keptShape(shape, axes));
  return Int32Array.from({ length: elementCount(shape) }, (_, i) => {
    let index = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (!axes.includes(axis)) index += (Math.floor(i / sizes[axis]) % shape[axis]) * strides[axis];
    }
    return index;
  });
}

const cases: readonly OperatorCase[] = [
  { inputs: [{ shape: [2, 3, 4] }], attributes: { axes: [2], keepDims: false } },
  { inputs: [{ shape: [2, 3, 4] }], attributes: { axes: [0, 2], keepDims: true } },
  { inputs: [{ shape: [5] }], attributes: { axes: [0], keepDims: false } },
];

/** Spreads the derivative of a reduction over the elements that were reduced. */
function spread({ inputs: [x], attributes, upstream }: GradientContext): Tensor {
  return broadcastTo(reshape(upstream, keptShape(x.shape, attributes.axes as readonly number[])), x.shape);
}

function reduction(
  name: string,
  opType: string,
  reference: (values: Float64Array) => number,
  gradient: (context: GradientContext) => Tensor,
): (x: Tensor, options?: ReduceOptions) => Tensor {
  const operator = defineOperator({
    name,
    infer: ([x], attributes) => {
      requireDType(x, 'f32', 'the input');
      const axes = attributes.axes as readonly number[];
      if (new Set(axes).size !== axes.length || axes.some((axis) => normalizeAxis(axis, x.shape.length) !== axis)) {
        throw new ShapeError(`axes [${axes}] do not fit rank ${x.shape.length}`);
      }
      const kept = keptShape(x.shape, axes);
      return { dtype: x.dtype, shape: attributes.keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)) };
    },
    lower: (lowering, { inputs: [x], output, attributes }) => {
      const axes = lowering.int64(attributes.axes as readonly number[]);
      lowering.emit(opType, [x, axes], { output, attributes: { keepdims: attributes.keepDims ? 1 : 0 } });
    },
    gradient: (context) => [gradient(context)],
    reference: ([x], attributes, type) => {
      const groups = Array.from({ length: elementCount(type.shape) }, (): number[] => []);
      targets(x.shape, attributes.axes as readonly number[]).forEach((target, i) => {
        groups[target].push(x.data[i]);
      });
      return Float64Array.from(groups, (group) => reference(Float64Array.from(group)));
    },
    cases,
  });
  return (x, { axes = x.shape.map((_, axis) => axis), keepDims = false } = {}) => {
    const normalized = axes.map((axis) => normalizeAxis(axis, x.shape.length) ?? axis).sort((a, b) => a - b);
    return x.graph.apply(operator, [x], { axes: normalized, keepDims });
  };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

export const sum = reduction('sum', 'ReduceSum', total, spread);
export const mean = reduction(
  'mean',
  'ReduceMean',
  (values) => total(values) / values.length,
  (context) => {
    const reduced = elementCount(context.inputs[0].shape) / elementCount(context.output.shape);
    return mul(spread(context), 1 / reduced);
  },
);
/** Maximum; where several elements are maximal they share the derivative. */
export const reduceMax = reduction(
  'reduceMax',
  'ReduceMax',
  (values) => Math.max(...values),
  (context) => {
    const [x] = context.inputs;
    const kept = keptShape(x.shape, context.attributes.axes as readonly number[]);
    const maximal = cast(equal(x, reshape(context.output, kept)), 'f32');
    const ties = sum(maximal, { axes: context.attributes.axes as readonly number[], keepDims: true });
    return mul(spread(context), div(maximal, ties));
  },
);

/** Sums `x` back to a shape that was broadcast to x's. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const offset = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < offset || (shape[axis - offset] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(x, { axes, keepDims: true }), shape);
}
