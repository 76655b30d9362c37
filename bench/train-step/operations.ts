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
  const { layers, heads, headSize } = model.sizes;
  return 6 * rows * length * (matrixEntries(model) + layers * heads * headSize * length);
}

function matrixEntries({ sizes: { layers, hidden, vocabulary }, blockParameters }: Decoder): number {
  const ofBlock = Object.values(blockParameters)
    .filter((shape) => shape.length === 2)
    .reduce((sum, shape) => sum + elementCount(shape), 0);
  return layers * ofBlock + vocabulary * hidden;
}

/**
 * The same where only an adapter is trained: 4 x (entries of the base's matrices) x tokens, because no derivative by them
 * is computed, 6 x (parameters of the adapter) x tokens, and attention as above.
 */
export function adapterStepOperations(model: Decoder, trainable: number, shape: StepShape): number {
  const { layers, heads, headSize } = model.sizes;
  const tokens = shape.rows * shape.length;
  const products = matrixEntries(model);
  return tokens * (4 * products + 6 * trainable + 6 * layers * heads * headSize * shape.length);
}
