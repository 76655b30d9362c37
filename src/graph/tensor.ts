/**
 * Symbolic tensors. A tensor is a node of a static, single-assignment graph: an operator, its inputs, its attributes
 * and the shape and element type that follow from them. Shapes are known when the graph is built.
 */
import type { Graph } from './graph.ts';
import type { Operator } from './operator.ts';

/** Element types that occur in graphs. Indices are int32 everywhere: int64 support outside the CPU is partial. */
export type DType = 'f32' | 'i32' | 'bool';

export type Shape = readonly number[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Attribute values: plain data, so that equal nodes can be found and printed. */
type AttributeValue = number | string | boolean | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Tensor extends TensorType {
  readonly graph: Graph;
  /** Position in the graph: inputs of a tensor always have smaller ids. */
  readonly id: number;
  readonly operator: Operator;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** The value of a composed operator in terms of other operators. */
  readonly composition?: Tensor;
}

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** `f32[2,16,64]` */
export const formatType = ({ dtype, shape }: TensorType): string => `${dtype}[${shape.join(',')}]`;

/** Strides of a row-major layout, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** The shape of `a op b` by NumPy's broadcasting rule, or undefined where the shapes do not fit. */
export function broadcastShapes(a: Shape, b: Shape): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const left = a[a.length - i] ?? 1;
    const right = b[b.length - i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result[rank - i] = left === 1 ? right : left;
  }
  return result;
}

/** Turns a possibly negative axis into an index; undefined where it is out of range. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const index = axis < 0 ? axis + rank : axis;
  return Number.isInteger(axis) && index >= 0 && index < rank ? index : undefined;
}
