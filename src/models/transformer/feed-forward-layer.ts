/** down(act(gate(x)) * up(x)) (Shazeer 2020), or down(act(up(x))) where there is no gate. */
import { gelu, geluTanh, mul, silu } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { PartContext, PartResult } from './block.ts';
import type { Activation, LayersDescription } from './description.ts';
import type { FeedForwardNames } from './names.ts';
import { split } from './split.ts';

const activations = { silu, gelu, 'gelu-tanh': geluTanh } as const satisfies Record<Activation, (x: Tensor) => Tensor>;

/** x [n, hidden] -> the same shape. */
export function feedForwardLayer(x: Tensor, context: PartContext, description: LayersDescription): PartResult {
  const { names } = description;
  const { inner, keep } = innerActivations(x, names.block, context, description);
  return { output: context.project(inner, names.block.down), keep };
}

/** What the last projection reads: x [n, hidden] -> [n, intermediate]. */
export function innerActivations(
  x: Tensor,
  { feedForward }: FeedForwardNames,
  { project }: PartContext,
  { sizes: { intermediate }, activation, gated = true }: LayersDescription,
): { readonly inner: Tensor; readonly keep: Readonly<Record<string, Tensor>> } {
  const activate = activations[activation];
  const layers = feedForward.map((name) => project(x, name));
  if (!gated) return { inner: activate(layers[0]), keep: { up: layers[0] } };
  const [gate, up] = split(layers, [intermediate, intermediate]);
  return {
    inner: mul(activate(gate), up),
    keep: layers.length === 1 ? { gateAndUp: layers[0] } : { gate, up },
  };
}
