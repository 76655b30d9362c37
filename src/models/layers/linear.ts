import { addMatmul, matmul } from '../../graph/ops/linear.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Projection } from '../decoder.ts';

/** x W' + b for x [n, in] and a checkpoint's weight [out, in]; the bias is optional. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return bias ? addMatmul(bias, x, weight, { transB: true }) : matmul(x, weight, { transB: true });
}

/** A linear layer as it is, by the names of its parameters. */
export const linearLayer: Projection = (x, name, weights) =>
  linear(x, weights[`${name}.weight`], weights[`${name}.bias`]);
