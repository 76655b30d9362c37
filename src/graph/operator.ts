/**
 * An operator lives in one place: its shape rule, its ONNX lowering, its gradient rule, its slow reference kernel and
 * the cases on which all of these are checked against each other.
 */
import type { Lowering } from '../onnx/lowering.ts';
import type { Attributes, DType, Shape, Tensor, TensorType } from './tensor.ts';

/** A concrete array of the reference kernels: float64 for floats, whole numbers for i32, 0 or 1 for bool. */
export interface Value extends TensorType {
  readonly data: Float64Array;
}

/** One example on which an operator is checked: kernels against ONNX Runtime, gradients against finite differences. */
export interface OperatorCase {
  readonly name?: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes?: Attributes;
}

/** Floats are drawn from [low, high] (default -2 to 2) away from kinks; integers and booleans are given. */
export interface CaseInput {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly low?: number;
  readonly high?: number;
  readonly values?: readonly number[];
}

export interface GradientContext {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly attributes: Attributes;
  /** Derivative of the loss by this operator's output, with the output's shape. */
  readonly upstream: Tensor;
}

interface OperatorRules {
  readonly name: string;
  /** The type that follows from the inputs; throws `ShapeError` with the reason. */
  infer(inputs: readonly TensorType[], attributes: Attributes): TensorType;
  /** Derivatives by each input, `undefined` where there is none; 'none' for operators that pass no gradient at all. */
  readonly gradient: ((context: GradientContext) => readonly (Tensor | undefined)[]) | 'none';
  reference(inputs: readonly Value[], attributes: Attributes, type: TensorType): Float64Array;
  /** The operator of `total + value` in one pass, with `total` before the inputs of the value. Default: none. */
  withSum?(): Operator;
  readonly cases: readonly OperatorCase[];
}

interface PrimitiveOperator extends OperatorRules {
  /** Emits ONNX nodes that write `output`. */
  lower(lowering: Lowering, node: LoweredNode): void;
  /** Memory that it takes while it runs, beside inputs and output. Default: 0. */
  scratchBytes?(inputs: readonly TensorType[], type: TensorType): number;
}

/**
 * An operator made of others that has a better gradient than the chain rule through them would give. Its gradient rule
 * shares what it builds again, because equal nodes are one node.
 */
export interface ComposedOperator extends OperatorRules {
  compose(inputs: readonly Tensor[], attributes: Attributes): Tensor;
}

export type Operator = PrimitiveOperator | ComposedOperator;

/** What a lowering rule sees: ONNX value names in place of tensors. */
interface LoweredNode {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Attributes;
  readonly inputTypes: readonly TensorType[];
  readonly type: TensorType;
}

/** A shape rule's complaint; the graph adds the operator, the shapes and the line of the model. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

const registry = new Map<string, Operator>();

/** Registers an operator under its name and returns it. Names are unique. */
export function defineOperator<Kind extends Operator>(operator: Kind): Kind {
  if (registry.has(operator.name)) throw new Error(`operator ${operator.name} is defined twice`);
  registry.set(operator.name, operator);
  return operator;
}

/** Every operator that has been imported so far, by name. */
export const operators = (): ReadonlyMap<string, Operator> => registry;

export function requireDType(type: TensorType, dtype: DType, what: string): void {
  if (type.dtype !== dtype) throw new ShapeError(`${what} must be ${dtype}, not ${type.dtype}`);
}
