/** Runs a graph with the slow float64 reference kernels: the judge of lowerings and gradient rules. */
import { inputOperator, liveNodes } from './graph.ts';
import type { Value } from './operator.ts';
import { elementCount, formatType, type Tensor } from './tensor.ts';

/** Values of `outputs` for the given inputs (by name; lengths must match the declared shapes). */
export function interpret(
  outputs: readonly Tensor[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): Float64Array[] {
  const values = new Map<Tensor, Value>();
  for (const node of liveNodes(outputs)) {
    const data =
      node.operator === inputOperator
        ? feedOf(node, feeds)
        : node.operator.reference(
            node.inputs.map((input) => values.get(input)!),
            node.attributes,
            node,
          );
    if (data.length !== elementCount(node.shape)) {
      throw new Error(`reference kernel of ${node.operator.name} gave ${data.length} elements for ${formatType(node)}`);
    }
    values.set(node, { dtype: node.dtype, shape: node.shape, data });
  }
  return outputs.map((output) => values.get(output)!.data);
}

function feedOf(node: Tensor, feeds: Readonly<Record<string, ArrayLike<number>>>): Float64Array {
  const feed = feeds[node.attributes.name as string];
  if (feed === undefined) throw new Error(`no value was given for input "${node.attributes.name}"`);
  return Float64Array.from(feed);
}
