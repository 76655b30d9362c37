/**
 * The graph under construction. Nodes are hash-consed: building the same expression twice gives the same tensor, so
 * shared subexpressions are computed once. Nodes that no output needs are never lowered or printed (`liveNodes`).
 */
import { defineOperator, type Operator, ShapeError } from './operator.ts';
import {
  type Attributes,
  type DType,
  elementCount,
  formatType,
  type Shape,
  type Tensor,
  type TensorType,
} from './tensor.ts';

/** A graph was built wrongly: the message names the operator, the shapes and the line that built the node. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** A named input of the graph. Its name is an attribute so that two inputs are never merged. */
export const inputOperator: Operator = defineOperator({
  name: 'input',
  infer: () => {
    throw new Error('inputs are declared, not inferred');
  },
  lower: () => {},
  gradient: 'none',
  reference: () => {
    throw new Error('inputs have no reference kernel');
  },
  cases: [],
});

/** A small constant, kept as plain numbers in the attributes. */
export const constantOperator: Operator = defineOperator({
  name: 'constant',
  infer: (_inputs, { values, shape, dtype }) => {
    const type = { dtype: dtype as DType, shape: shape as Shape };
    if ((values as readonly number[]).length !== elementCount(type.shape)) {
      throw new ShapeError(`${(values as readonly number[]).length} values cannot fill ${formatType(type)}`);
    }
    return type;
  },
  lower: (lowering, { output, attributes, type }) => {
    lowering.initializer(output, type, attributes.values as readonly number[]);
  },
  gradient: 'none',
  reference: (_inputs, { values }) => Float64Array.from(values as readonly number[]),
  cases: [{ inputs: [], attributes: { values: [1, -2, 3], shape: [3], dtype: 'f32' } }],
});

export class Graph {
  readonly #nodes: Tensor[] = [];
  readonly #known = new Map<string, Tensor>();
  readonly #inputNames = new Set<string>();

  /** Declares an input. Names must be unique in the graph. */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    if (this.#inputNames.has(name)) throw new GraphError(`input "${name}" is declared twice`);
    if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new GraphError(`input "${name}": every size of [${shape.join(',')}] must be a positive whole number`);
    }
    this.#inputNames.add(name);
    return this.#append(inputOperator, [], { name }, { dtype, shape });
  }

  constant(values: number | readonly number[], options: { dtype?: DType; shape?: Shape } = {}): Tensor {
    const list = typeof values === 'number' ? [values] : values;
    const shape = options.shape ?? (typeof values === 'number' ? [] : [list.length]);
    return this.apply(constantOperator, [], { values: list, shape, dtype: options.dtype ?? 'f32' });
  }

  /** Appends a node, or returns the equal one that is already there. */
  apply(operator: Operator, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    for (const input of inputs) {
      if (input.graph !== this) throw new GraphError(`${operator.name}: its inputs belong to different graphs`);
    }
    const key = `${operator.name}(${inputs.map((input) => input.id)})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const type = inferType(operator, inputs, attributes);
    const composition = 'compose' in operator ? operator.compose(inputs, attributes) : undefined;
    if (composition && formatType(composition) !== formatType(type)) {
      throw new GraphError(`${operator.name}: its composition is ${formatType(composition)}, not ${formatType(type)}`);
    }
    const tensor = this.#append(operator, inputs, attributes, type, composition);
    this.#known.set(key, tensor);
    return tensor;
  }

  #append(
    operator: Operator,
    inputs: readonly Tensor[],
    attributes: Attributes,
    { dtype, shape }: TensorType,
    composition?: Tensor,
  ): Tensor {
    const id = this.#nodes.length;
    const tensor: Tensor = { graph: this, id, operator, inputs, attributes, dtype, shape, composition };
    this.#nodes.push(tensor);
    return tensor;
  }
}

function inferType(operator: Operator, inputs: readonly Tensor[], attributes: Attributes): TensorType {
  try {
    return operator.infer(inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const shapes = inputs.map(formatType).join(', ');
    throw new GraphError(`${operator.name}(${shapes}): ${error.message}\n  built ${callerLine()}`, { cause: error });
  }
}

/** The first stack frame outside `src/graph`: the line of the model that built the node. */
function callerLine(): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const frame = frames.find((line) => !/[\\/]graph[\\/](graph|operator|backward|ops[\\/][\w-]+)\.[tj]s/.test(line));
  return frame?.trim() ?? 'at an unknown line';
}

/**
 * The nodes that `outputs` need, inputs before users, in the order they were built. Tensors in `cuts` count as given:
 * what only they need is left out. A composed operator needs its composition.
 */
export function liveNodes(outputs: readonly Tensor[], cuts: ReadonlySet<Tensor> = new Set()): Tensor[] {
  const live = new Set<Tensor>();
  const pending = [...outputs];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (live.has(tensor)) continue;
    live.add(tensor);
    if (cuts.has(tensor)) continue;
    pending.push(...(tensor.composition ? [tensor.composition] : tensor.inputs));
  }
  return [...live].sort((a, b) => a.id - b.id);
}
