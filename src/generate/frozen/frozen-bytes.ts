/** What a frozen model will take, before it is frozen. */
import type { Decoder } from '../../models/decoder.ts';
import { bitsOf, type Precision, quantizationBlock } from '../../models/inference-graph.ts';

/** Bytes of the weights: matrices in the given precision, with their scales, and the embedding table as it is looked up in. */
export function frozenBytes({ parameters, names, tied }: Decoder, precision: Precision): number {
  let total = 0;
  for (const { name, shape } of parameters) {
    if (shape.length < 2) {
      total += 4 * shape[0];
    } else if (name === names.embedding) {
      total += matrixBytes(shape, precision === 'f32' ? 'f32' : 'int8');
      if (tied) total += matrixBytes(shape, precision);
    } else if (name === names.positions) {
      total += matrixBytes(shape, 'f32');
    } else {
      total += matrixBytes(shape, precision);
    }
  }
  return total;
}

function matrixBytes([out, input]: readonly number[], precision: Precision): number {
  if (precision === 'f32') return 4 * out * input;
  const blocks = Math.ceil(input / quantizationBlock);
  return out * blocks * ((quantizationBlock * bitsOf[precision]) / 8 + 4);
}
