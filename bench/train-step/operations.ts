/** Floating-point operations of a training step, counted as bench/peers/train_step.py counts them. */
import { elementCount } from '../../src/graph/tensor.ts';
import type { Decoder } from '../../src/models/decoder.ts';

export interface StepShape {
  readonly rows: number;
  readonly length: number;
}

/**
 * 6 x (entries of all matrices that multiply, the head included, the embedding lookup not) x tokens, forward and
 * backward, plus 6 x layers x attention width x length x tokens for the causal half of attention. What is computed
 * twice (recomputation) or in vain (masked squares) does not count.
 */
export function stepOperations(model: Decoder, { rows, length }: StepShape): number {
  const { layers, heads, headSize, hidden, vocabulary } = model.sizes;
  const ofBlock = Object.values(model.blockParameters)
    .filter((shape) => shape.length === 2)
    .reduce((sum, shape) => sum + elementCount(shape), 0);
  const products = layers * ofBlock + vocabulary * hidden;
  return 6 * rows * length * (products + layers * heads * headSize * length);
}
