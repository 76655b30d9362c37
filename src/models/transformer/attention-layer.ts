/** Attention with grouped queries and, where the architecture has them, rotary positions and norms of query and key. */
import { attention } from '../../graph/ops/attention.ts';
import { rotary } from '../../graph/ops/rotary.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { PartContext, PartResult } from './block.ts';
import type { LayersDescription } from './description.ts';
import { norm } from './norm.ts';
import { projectionRows } from './parameters.ts';
import { split } from './split.ts';

/** x [rows * length, hidden] -> the same shape. */
export function attentionLayer(x: Tensor, context: PartContext, description: LayersDescription): PartResult {
  const { sizes, attentionScale: scale, attentionCap: cap } = description;
  const { queryNorm, keyNorm, output, projections } = description.names.block;
  const { rows, length, cos, sin, positions, masks, project } = context;
  const { heads, keyValueHeads, headSize } = sizes;

  const layers = projections.map((name) => project(x, name));
  const [projectedQuery, projectedKey, projectedValue] = split(layers, projectionRows(description));
  const place = (projected: Tensor, count: number, normName: string | undefined) => {
    const normed = normName === undefined ? projected : normHeads(projected, normName, context, description);
    const inRows = reshape(normed, [rows, length, count * headSize]);
    return cos && sin ? rotary(inRows, { cos, sin, positions, heads: count }) : inRows;
  };
  const query = place(projectedQuery, heads, queryNorm);
  const key = place(projectedKey, keyValueHeads, keyNorm);
  const value = reshape(projectedValue, key.shape);
  const mixed = attention(query, key, value, masks, { heads, keyValueHeads, scale, cap });
  return {
    output: project(reshape(mixed, [rows * length, heads * headSize]), output),
    keep: {
      ...keptProjections(layers, [query, key, value], queryNorm !== undefined),
      mixed,
    },
  };
}

/**
 * Kept are queries and keys as attention reads them; where the backward pass needs them before a norm, as the product
 * gave them, from which the rest is cheap.
 */
function keptProjections(
  layers: readonly Tensor[],
  [query, key, value]: readonly Tensor[],
  hasNorms: boolean,
): Record<string, Tensor> {
  if (layers.length === 1) return { projected: layers[0] };
  return hasNorms ? { query: layers[0], key: layers[1], value } : { query, key, value };
}

/** x [n, count * head size] -> the same shape, each head by itself or all together. */
function normHeads(x: Tensor, name: string, { weights }: PartContext, description: LayersDescription): Tensor {
  const { queryNormOver = 'head', sizes } = description;
  if (queryNormOver === 'heads') return norm(x, name, weights, description.norm);
  const [n, width] = x.shape;
  const heads = reshape(x, [n, width / sizes.headSize, sizes.headSize]);
  return reshape(norm(heads, name, weights, description.norm), x.shape);
}
