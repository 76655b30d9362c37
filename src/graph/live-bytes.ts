/** How much memory a graph needs while it runs, by its shapes. */
import { constantOperator, inputOperator, liveNodes } from './graph.ts';
import { elementCount, type Tensor, type TensorType } from './tensor.ts';

const elementBytes = { f32: 4, i32: 4, bool: 1 } as const;

export const bytesOf = ({ dtype, shape }: TensorType): number => elementCount(shape) * elementBytes[dtype];

/**
 * Bytes of the computed values that are alive at once, at most: nodes run in build order and a value lives until its
 * last use; what an operator takes while it runs is its own matter. What the caller provides is not counted: inputs, `cuts` and outputs.
 */
export function peakLiveBytes(outputs: readonly Tensor[], cuts: ReadonlySet<Tensor> = new Set()): number {
  const nodes = liveNodes(outputs, cuts);
  const given = (node: Tensor) =>
    cuts.has(node) || node.operator === inputOperator || node.operator === constantOperator;
  // Reshapes and compositions are other names of a value.
  const value = new Map<Tensor, Tensor>();
  for (const node of nodes) {
    const alias = node.composition ?? (node.operator.name === 'reshape' ? node.inputs[0] : undefined);
    value.set(node, !given(node) && alias ? value.get(alias)! : node);
  }
  const provided = new Set(outputs.map((output) => value.get(output)!));
  const lastUse = new Map<Tensor, number>();
  nodes.forEach((node, i) => {
    lastUse.set(value.get(node)!, i);
    if (!given(node)) for (const input of node.composition ? [] : node.inputs) lastUse.set(value.get(input)!, i);
  });
  const dying = new Map<number, Tensor[]>();
  for (const [tensor, i] of lastUse) dying.set(i, [...(dying.get(i) ?? []), tensor]);
  const counts = (tensor: Tensor) => !given(tensor) && !provided.has(tensor);
  let [alive, peak] = [0, 0];
  nodes.forEach((node, i) => {
    if (value.get(node) === node && counts(node)) alive += bytesOf(node);
    peak = Math.max(peak, alive + (given(node) ? 0 : scratchBytes(node)));
    for (const tensor of dying.get(i) ?? []) if (counts(tensor)) alive -= bytesOf(tensor);
  });
  return peak;
}

const scratchBytes = (node: Tensor): number =>
  'lower' in node.operator ? (node.operator.scratchBytes?.(node.inputs, node) ?? 0) : 0;
