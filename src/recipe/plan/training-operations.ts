/** Floating-point operations of training, for telling how much work a stage is. */
import { elementCount } from '../../graph/tensor.ts';
import type { Decoder } from '../../models/decoder.ts';

export interface StepShape {
  readonly rows: number;
  readonly length: number;
}

/**
 * Of one forward and backward pass over [rows, length] places: 6 for each entry of every matrix that multiplies (the head
 * is one, the lookup of embeddings is not) and each place (Kaplan et al. 2020, arXiv:2001.08361, section 2.1), and 6 x
 * layers x width x length for the causal half of attention. What is computed twice or in vain does not count.
 */
export function passOperations(model: Decoder, { rows, length }: StepShape): number {
  const { layers, heads, headSize, hidden, vocabulary } = model.sizes;
  const ofBlock = Object.values(model.blockParameters)
    .filter((shape) => shape.length === 2)
    .reduce((sum, shape) => sum + elementCount(shape), 0);
  const products = layers * ofBlock + vocabulary * hidden;
  return 6 * rows * length * (products + layers * heads * headSize * length);
}
