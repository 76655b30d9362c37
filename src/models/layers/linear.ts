import { add } from '../../graph/ops/elementwise.ts';
import { groupedMatmul } from '../../graph/ops/grouped.ts';
import { addMatmul, matmul } from '../../graph/ops/linear.ts';
import { concat, reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { GroupedLayers, Projection } from '../decoder.ts';

/** x W' + b for x [n, in] and a checkpoint's weight [out, in]; the bias is optional. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return bias ? addMatmul(bias, x, weight, { transB: true }) : matmul(x, weight, { transB: true });
}

/** What belongs to a linear layer, by its name. */
type OfLayer = (name: string) => Tensor;

/** Rows with what belongs to one linear layer, or each with what belongs to the layer of its group. */
interface RowProducts {
  /** x M' for matrices M [out, in]. */
  multiply(x: Tensor, matrixOf: OfLayer): Tensor;
  /** total + alpha x M'; the total is one row for all, or one for each. */
  addProduct(total: Tensor, x: Tensor, matrixOf: OfLayer, alpha?: number): Tensor;
  /** Vectors [out] as they are added to rows, or multiplied with them: [out] or [rows, out]. */
  vector(vectorOf: OfLayer): Tensor;
}

export const rowProducts = (layer: string | GroupedLayers): RowProducts =>
  typeof layer === 'string' ? ofOne(layer) : ofGroups(layer);

const ofOne = (name: string): RowProducts => ({
  multiply: (x, matrixOf) => matmul(x, matrixOf(name), { transB: true }),
  addProduct: (total, x, matrixOf, alpha) => addMatmul(total, x, matrixOf(name), { transB: true, alpha }),
  vector: (vectorOf) => vectorOf(name),
});

function ofGroups({ names, groups: { sizes, membership } }: GroupedLayers): RowProducts {
  const multiply = (x: Tensor, matrixOf: OfLayer, alpha?: number) =>
    groupedMatmul(x, sizes, names.map(matrixOf), { transB: true, alpha });
  const asRow = (vector: Tensor) => reshape(vector, [1, ...vector.shape]);
  return {
    multiply,
    addProduct: (total, x, matrixOf, alpha) => add(total, multiply(x, matrixOf, alpha)),
    vector: (vectorOf) =>
      matmul(
        membership,
        concat(
          names.map((name) => asRow(vectorOf(name))),
          0,
        ),
      ),
  };
}

/** Linear layers as they are, by the names of their parameters. */
export const linearLayer: Projection = (x, layer, weights) => {
  const { multiply, addProduct, vector } = rowProducts(layer);
  const [first] = typeof layer === 'string' ? [layer] : layer.names;
  const weightOf = (name: string) => weights[`${name}.weight`];
  if (weights[`${first}.bias`] === undefined) return multiply(x, weightOf);
  return addProduct(
    vector((name) => weights[`${name}.bias`]),
    x,
    weightOf,
  );
};
