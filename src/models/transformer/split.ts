import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Outputs [n, widths[i]] of several layers, which may come side by side from one. */
export function split(outputs: readonly Tensor[], widths: readonly number[]): readonly Tensor[] {
  if (outputs.length === widths.length) return outputs;
  let end = 0;
  return widths.map((width) => {
    const start = end;
    end += width;
    return slice(outputs[0], { axis: 1, start, end });
  });
}
