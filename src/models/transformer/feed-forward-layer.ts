/** down(act(gate(x)) * up(x)) (Shazeer 2020), or down(act(up(x))) where there is no gate. */
import { gelu, geluTanh, mul, silu } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { PartContext, PartResult } from './block.ts';
import type { Activation, LayersDescription } from './description.ts';
import { split } from './split.ts';

const activations = { silu, gelu, 'gelu-tanh': geluTanh } as const satisfies Record<Activation, (x: Tensor) => Tensor>;

/** x [n, hidden] -> the same shape. */
export function feedForwardLayer(x: Tensor, { project }: PartContext, description: LayersDescription): PartResult {
  const { feedForward, down } = description.names.block;
  const { inner, keep } = innerActivations(
    feedForward.map((name) => project(x, name)),
    description,
  );
  return { output: project(inner, down), keep };
}

/**
 * What the last projection reads: [n, intermediate].
 * @param layers outputs of the projections before it, see `BlockNames.feedForward`
 */
export function innerActivations(
  layers: readonly Tensor[],
  { sizes: { intermediate }, activation, gated = true }: LayersDescription,
): { readonly inner: Tensor; readonly keep: Readonly<Record<string, Tensor>> } {
  const activate = activations[activation];
  if (!gated) return { inner: activate(layers[0]), keep: { up: layers[0] } };
  const [gate, up] = split(layers, [intermediate, intermediate]);
  return {
    inner: mul(activate(gate), up),
    keep: layers.length === 1 ? { gateAndUp: layers[0] } : { gate, up },
  };
}
