/** The stable, reviewable printed form of a graph; used as golden text. Numbers are local to the printed outputs. */
import { constantOperator, inputOperator, liveNodes } from './graph.ts';
import { type Attributes, formatType, type Tensor } from './tensor.ts';

const formatAttributes = (attributes: Attributes): string => {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '' : ` {${entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')}}`;
};

/** One node a line, in build order; only what the outputs need. */
export function printGraph(
  outputs: Readonly<Record<string, Tensor>>,
  cuts: ReadonlyMap<Tensor, string> = new Map(),
): string {
  const nodes = liveNodes(Object.values(outputs), new Set(cuts.keys()));
  const names = new Map(nodes.map((node, index) => [node, `%${index}`]));
  const lines = nodes.map((node) => {
    const left = `${names.get(node)} =`;
    const type = formatType(node);
    const cut = cuts.get(node);
    if (cut !== undefined) return `${left} input "${cut}" : ${type}`;
    if (node.operator === inputOperator) return `${left} input "${node.attributes.name}" : ${type}`;
    if (node.operator === constantOperator)
      return `${left} constant ${JSON.stringify(node.attributes.values)} : ${type}`;
    if (node.composition) return `${left} ${node.operator.name} as ${names.get(node.composition)} : ${type}`;
    const inputs = node.inputs.map((input) => names.get(input)).join(', ');
    return `${left} ${node.operator.name}(${inputs})${formatAttributes(node.attributes)} : ${type}`;
  });
  for (const [name, tensor] of Object.entries(outputs)) lines.push(`output "${name}" = ${names.get(tensor)}`);
  return lines.join('\n');
}
