/** Elementwise operators: arithmetic, activations, comparisons and selection, with NumPy broadcasting. */
import { microsoft, type OnnxAttribute } from '../../onnx/lowering.ts';
import {
  defineOperator,
  type GradientContext,
  type Operator,
  type OperatorCase,
  requireDType,
  ShapeError,
  type Value,
} from '../operator.ts';
import {
  broadcastShapes,
  type DType,
  elementCount,
  formatType,
  type Shape,
  stridesOf,
  type Tensor,
  type TensorType,
} from '../tensor.ts';
import { sumTo } from './reduce.ts';

export type Operand = Tensor | number;

// ---- broadcasting -------------------------------------------------------------------------------------------------

/** For each element of `shape`, the index of the element of `from` that broadcasting reads there. */
export function broadcastIndices(from: Shape, shape: Shape): Int32Array {
  const count = elementCount(shape);
  const indices = new Int32Array(count);
  const strides = stridesOf(from);
  const offset = shape.length - from.length;
  const sizes = stridesOf(shape);
  for (let i = 0; i < count; i++) {
    let index = 0;
    for (let axis = 0; axis < from.length; axis++) {
      if (from[axis] !== 1) index += (Math.floor(i / sizes[axis + offset]) % shape[axis + offset]) * strides[axis];
    }
    indices[i] = index;
  }
  return indices;
}

function inferBroadcast(inputs: readonly TensorType[]): number[] {
  let shape: number[] | undefined = [];
  for (const input of inputs) shape = shape && broadcastShapes(shape, input.shape);
  if (!shape)
    throw new ShapeError(`the shapes ${inputs.map((type) => `[${type.shape}]`).join(' and ')} do not broadcast`);
  return shape;
}

function mapBroadcast(inputs: readonly Value[], shape: Shape, f: (...args: number[]) => number): Float64Array {
  const indices = inputs.map((input) => broadcastIndices(input.shape, shape));
  return Float64Array.from({ length: elementCount(shape) }, (_, i) =>
    f(...inputs.map((input, k) => input.data[indices[k][i]])),
  );
}

/** A number beside a tensor becomes a constant of the tensor's graph. */
function operands(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number') {
    if (typeof b === 'number') throw new Error('an operator needs at least one tensor');
    return [b.graph.constant(a, { dtype: b.dtype }), b];
  }
  return [a, typeof b === 'number' ? a.graph.constant(b, { dtype: a.dtype }) : b];
}

// ---- binary -------------------------------------------------------------------------------------------------------

const broadcastCases: readonly OperatorCase[] = [
  { inputs: [{ shape: [2, 3] }, { shape: [2, 3], low: 0.5, high: 2 }] },
  { inputs: [{ shape: [2, 3] }, { shape: [3], low: 0.5, high: 2 }] },
  { inputs: [{ shape: [2, 1, 3] }, { shape: [4, 1], low: 0.5, high: 2 }] },
  { inputs: [{ shape: [] }, { shape: [2, 2], low: 0.5, high: 2 }] },
];

type BinaryGradient = (context: GradientContext) => [Tensor, Tensor];

/** Defines `name(a, b)` over floats; gradients are summed back over broadcast axes. */
function binary(
  name: string,
  opType: string,
  f: (a: number, b: number) => number,
  gradient: BinaryGradient,
): (a: Operand, b: Operand) => Tensor {
  const operator = defineOperator({
    name,
    infer: (inputs) => {
      if (inputs[0].dtype !== inputs[1].dtype || inputs[0].dtype === 'bool') {
        throw new ShapeError(`operands must have one numeric type, not ${inputs[0].dtype} and ${inputs[1].dtype}`);
      }
      return { dtype: inputs[0].dtype, shape: inferBroadcast(inputs) };
    },
    lower: (lowering, { inputs, output }) => lowering.emit(opType, inputs, { output }),
    gradient: (context) => gradient(context).map((part, i) => sumTo(part, context.inputs[i].shape)),
    reference: (inputs, _attributes, type) => mapBroadcast(inputs, type.shape, f),
    cases: broadcastCases,
  });
  return (a, b) => {
    const [left, right] = operands(a, b);
    return left.graph.apply(operator, [left, right]);
  };
}

export const add = binary(
  'add',
  'Add',
  (a, b) => a + b,
  ({ upstream }) => [upstream, upstream],
);
export const sub = binary(
  'sub',
  'Sub',
  (a, b) => a - b,
  ({ upstream }) => [upstream, neg(upstream)],
);
export const mul = binary(
  'mul',
  'Mul',
  (a, b) => a * b,
  ({ inputs: [a, b], upstream }) => [mul(upstream, b), mul(upstream, a)],
);
export const div = binary(
  'div',
  'Div',
  (a, b) => a / b,
  ({ inputs: [, b], output, upstream }) => {
    const byA = div(upstream, b);
    return [byA, neg(mul(byA, output))];
  },
);

/** Gradients of min and max go to the operand that was taken; at a tie to the first. */
export const maximum = binary('maximum', 'Max', Math.max, ({ inputs: [a, b], upstream }) => {
  const first = greaterOrEqual(a, b);
  return [where(first, upstream, 0), where(first, 0, upstream)];
});
export const minimum = binary('minimum', 'Min', Math.min, ({ inputs: [a, b], upstream }) => {
  const first = greaterOrEqual(b, a);
  return [where(first, upstream, 0), where(first, 0, upstream)];
});

// ---- unary --------------------------------------------------------------------------------------------------------

interface UnaryOptions {
  readonly opType: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
  readonly reference: (x: number) => number;
  readonly gradient: (x: Tensor, y: Tensor, upstream: Tensor) => Tensor;
  readonly low?: number;
  readonly high?: number;
}

function unary(name: string, options: UnaryOptions): (x: Tensor) => Tensor {
  const { opType, attributes, domain, low, high } = options;
  const operator = defineOperator({
    name,
    infer: ([x]) => {
      requireDType(x, 'f32', 'the input');
      return { dtype: x.dtype, shape: x.shape };
    },
    lower: (lowering, { inputs, output }) => lowering.emit(opType, inputs, { output, attributes, domain }),
    gradient: ({ inputs: [x], output, upstream }) => [options.gradient(x, output, upstream)],
    reference: ([x]) => x.data.map(options.reference),
    cases: [{ inputs: [{ shape: [3, 4], low, high }] }],
  });
  return (x) => x.graph.apply(operator, [x]);
}

/** Abramowitz and Stegun 7.1.5 (series) and 7.1.14 (continued fraction), to float64 accuracy. */
export function erfOf(x: number): number {
  const z = Math.abs(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
      if (z === 0) break;
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

export const neg = unary('neg', { opType: 'Neg', reference: (x) => -x, gradient: (_x, _y, up) => neg(up) });
export const exp = unary('exp', { opType: 'Exp', reference: Math.exp, gradient: (_x, y, up) => mul(up, y) });
export const log = unary('log', {
  opType: 'Log',
  reference: Math.log,
  gradient: (x, _y, up) => div(up, x),
  low: 0.3,
  high: 3,
});
export const sqrt = unary('sqrt', {
  opType: 'Sqrt',
  reference: Math.sqrt,
  gradient: (_x, y, up) => div(mul(up, 0.5), y),
  low: 0.3,
  high: 3,
});
export const reciprocal = unary('reciprocal', {
  opType: 'Reciprocal',
  reference: (x) => 1 / x,
  gradient: (_x, y, up) => neg(mul(up, mul(y, y))),
  low: 0.3,
  high: 3,
});
export const abs = unary('abs', {
  opType: 'Abs',
  reference: Math.abs,
  gradient: (x, _y, up) => mul(up, sign(x)),
  low: 0.2,
});
export const sin = unary('sin', { opType: 'Sin', reference: Math.sin, gradient: (x, _y, up) => mul(up, cos(x)) });
export const cos = unary('cos', { opType: 'Cos', reference: Math.cos, gradient: (x, _y, up) => neg(mul(up, sin(x))) });
export const tanh = unary('tanh', {
  opType: 'Tanh',
  reference: Math.tanh,
  gradient: (_x, y, up) => mul(up, sub(1, mul(y, y))),
});
export const sigmoid = unary('sigmoid', {
  opType: 'Sigmoid',
  reference: logistic,
  gradient: (_x, y, up) => mul(up, mul(y, sub(1, y))),
});
export const relu = unary('relu', {
  opType: 'Relu',
  reference: (x) => Math.max(x, 0),
  gradient: (x, _y, up) => where(greaterOrEqual(x, 0), up, 0),
  low: 0.2,
});
/** log(1 + exp x); its gradient is the sigmoid. */
export const softplus = unary('softplus', {
  opType: 'Softplus',
  reference: (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0),
  gradient: (x, _y, up) => mul(up, sigmoid(x)),
});
export const erf = unary('erf', {
  opType: 'Erf',
  reference: erfOf,
  gradient: (x, _y, up) => mul(up, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
});
/** x * sigmoid(x). With s the sigmoid and y the value, the derivative is s + y (1 - s). */
export const silu = unary('silu', {
  opType: 'QuickGelu',
  attributes: { alpha: { float: 1 } },
  domain: microsoft,
  reference: (x) => x * logistic(x),
  gradient: (x, y, up) => {
    const s = sigmoid(x);
    return mul(up, add(s, mul(y, sub(1, s))));
  },
});
/** x Phi(x), the exact form (Hendrycks and Gimpel 2016). */
export const gelu = unary('gelu', {
  opType: 'Gelu',
  reference: (x) => 0.5 * x * (1 + erfOf(x / Math.SQRT2)),
  gradient: (x, _y, up) => {
    const cumulative = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return mul(up, add(cumulative, mul(x, density)));
  },
});

const geluSlope = 2 * Math.sqrt(2 / Math.PI);
const geluCube = 0.044715;
/**
 * The tanh approximation of GELU, as `gelu_pytorch_tanh`. With z = 2 sqrt(2 / pi) (x + 0.044715 x^3) it is x sigmoid(z), so
 * with s the sigmoid and y the value, the derivative is s + y (1 - s) z'.
 */
export const geluTanh = unary('geluTanh', {
  opType: 'Gelu',
  attributes: { approximate: 'tanh' },
  reference: (x) => x * logistic(geluSlope * (x + geluCube * x ** 3)),
  gradient: (x, y, up) => {
    const square = mul(x, x);
    const s = sigmoid(mul(x, add(mul(square, geluSlope * geluCube), geluSlope)));
    const slope = add(mul(square, 3 * geluSlope * geluCube), geluSlope);
    return mul(up, add(s, mul(mul(y, sub(1, s)), slope)));
  },
});

const signOperator = defineOperator({
  name: 'sign',
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  lower: (lowering, { inputs, output }) => lowering.emit('Sign', inputs, { output }),
  gradient: 'none',
  reference: ([x]) => x.data.map(Math.sign),
  cases: [{ inputs: [{ shape: [4], low: 0.2 }] }],
});
const sign = (x: Tensor): Tensor => x.graph.apply(signOperator, [x]);

/** log sigmoid(x) = -softplus(-x): exact for large |x|. */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(x)));

/** cap * tanh(x / cap), Gemma's soft cap. */
export const softCap = (x: Tensor, cap: number): Tensor => mul(tanh(mul(x, 1 / cap)), cap);

export const clamp = (x: Tensor, low: number, high: number): Tensor => minimum(maximum(x, low), high);

/** The value, with nothing flowing back. */
const stopGradientOperator = defineOperator({
  name: 'stopGradient',
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  lower: (lowering, { inputs, output }) => lowering.emit('Identity', inputs, { output }),
  gradient: 'none',
  reference: ([x]) => x.data,
  cases: [{ inputs: [{ shape: [3] }] }],
});
export const stopGradient = (x: Tensor): Tensor => x.graph.apply(stopGradientOperator, [x]);

// ---- comparisons and selection ------------------------------------------------------------------------------------

const wholeNumbers = { shape: [2, 3], dtype: 'i32', values: [1, -2, 3, 0, 7, 7] } as const;

function comparison(
  name: string,
  opType: string,
  f: (a: number, b: number) => boolean,
): (a: Operand, b: Operand) => Tensor {
  const operator = defineOperator({
    name,
    infer: (inputs) => {
      if (inputs[0].dtype !== inputs[1].dtype) throw new ShapeError('operands must have one type');
      return { dtype: 'bool', shape: inferBroadcast(inputs) };
    },
    lower: (lowering, { inputs, output }) => lowering.emit(opType, inputs, { output }),
    gradient: 'none',
    reference: (inputs, _attributes, type) => mapBroadcast(inputs, type.shape, (a, b) => Number(f(a, b))),
    cases: [
      { inputs: [{ shape: [2, 3] }, { shape: [3] }] },
      { inputs: [wholeNumbers, { shape: [3], dtype: 'i32', values: [1, 0, 3] }] },
    ],
  });
  return (a, b) => {
    const [left, right] = operands(a, b);
    return left.graph.apply(operator, [left, right]);
  };
}

export const equal = comparison('equal', 'Equal', (a, b) => a === b);
export const less = comparison('less', 'Less', (a, b) => a < b);
export const greaterOrEqual = comparison('greaterOrEqual', 'GreaterOrEqual', (a, b) => a >= b);

function logical(name: string, opType: string, f: (a: number, b: number) => number): (a: Tensor, b: Tensor) => Tensor {
  const flags = { dtype: 'bool', shape: [4], values: [0, 0, 1, 1] } as const;
  const operator = defineOperator({
    name,
    infer: (inputs) => {
      for (const input of inputs) requireDType(input, 'bool', 'an operand');
      return { dtype: 'bool', shape: inferBroadcast(inputs) };
    },
    lower: (lowering, { inputs, output }) => lowering.emit(opType, inputs, { output }),
    gradient: 'none',
    reference: (inputs, _attributes, type) => mapBroadcast(inputs, type.shape, f),
    cases: [{ inputs: [flags, { ...flags, values: [0, 1, 0, 1] }] }],
  });
  return (a, b) => a.graph.apply(operator, [a, b]);
}

export const and = logical('and', 'And', (a, b) => a & b);
export const or = logical('or', 'Or', (a, b) => a | b);

const whereOperator: Operator = defineOperator({
  name: 'where',
  infer: (inputs) => {
    const [condition, a, b] = inputs;
    requireDType(condition, 'bool', 'the condition');
    if (a.dtype !== b.dtype) throw new ShapeError(`the branches are ${formatType(a)} and ${formatType(b)}`);
    return { dtype: a.dtype, shape: inferBroadcast(inputs) };
  },
  lower: (lowering, { inputs, output }) => lowering.emit('Where', inputs, { output }),
  gradient: ({ inputs: [condition, a, b], upstream }) => [
    undefined,
    sumTo(where(condition, upstream, 0), a.shape),
    sumTo(where(condition, 0, upstream), b.shape),
  ],
  reference: (inputs, _attributes, type) => mapBroadcast(inputs, type.shape, (c, a, b) => (c ? a : b)),
  cases: [
    { inputs: [{ shape: [2, 1], dtype: 'bool', values: [1, 0] }, { shape: [2, 3] }, { shape: [3] }] },
    { inputs: [{ shape: [3], dtype: 'bool', values: [1, 0, 1] }, { shape: [] }, { shape: [2, 3] }] },
  ],
});

/** Elements of `a` where the condition holds, else of `b`. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [left, right] = operands(a, b);
  return condition.graph.apply(whereOperator, [condition, left, right]);
}

const castOperator = defineOperator({
  name: 'cast',
  infer: ([x], { to }) => ({ dtype: to as DType, shape: x.shape }),
  lower: (lowering, { inputs, output, attributes }) => {
    lowering.emit('Cast', inputs, { output, attributes: { to: { f32: 1, i32: 6, bool: 9 }[attributes.to as DType] } });
  },
  gradient: 'none',
  reference: ([x], { to }) => x.data.map((v) => (to === 'bool' ? Number(v !== 0) : to === 'i32' ? Math.trunc(v) : v)),
  cases: [
    { inputs: [wholeNumbers], attributes: { to: 'f32' } },
    { inputs: [wholeNumbers], attributes: { to: 'bool' } },
    { inputs: [{ shape: [4] }], attributes: { to: 'i32' } },
  ],
});
/** Between element types; passes no gradient. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : x.graph.apply(castOperator, [x], { to }));
