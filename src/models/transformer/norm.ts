/** A normalisation by the name of its parameters. */
import { add } from '../../graph/ops/elementwise.ts';
import { layerNorm, rmsNorm } from '../../graph/ops/normalize.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights } from '../decoder.ts';
import type { Norm } from './description.ts';

/** Over the last axis of x. */
export function norm(x: Tensor, name: string, weights: BlockWeights, { kind, epsilon }: Norm): Tensor {
  const weight = weights[`${name}.weight`];
  switch (kind) {
    case 'rms':
      return rmsNorm(x, weight, epsilon);
    case 'rms-offset':
      return rmsNorm(x, add(weight, 1), epsilon);
    case 'layer':
      return layerNorm(x, weight, weights[`${name}.bias`], epsilon);
    default:
      return kind satisfies never;
  }
}
