/** How a step is cut into segments: decided once, for the program that runs it and for the prediction of its memory. */
import { elementCount } from '../../graph/tensor.ts';
import type { Decoder } from '../../models/decoder.ts';
import type { BatchShape, Keep } from '../layers/graphs.ts';

export interface PlanOptions extends BatchShape {
  /** What the backward pass is given of the forward pass. Default: activations, which costs memory and saves a third of the time. */
  readonly keep?: Keep;
  /** Rows of logits at a time. Default: so many that logits take 64 MB. */
  readonly headRows?: number;
  /** The whole step as one segment. Default: for models below 8M parameters (bench/train-step.ts). */
  readonly whole?: boolean;
}

export interface Plan {
  readonly whole: boolean;
  readonly keep: Keep;
}

const wholeBelow = 8e6;

export const parameterCount = (model: Decoder): number =>
  model.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);

export function planStep(model: Decoder, options: PlanOptions): Plan {
  const { keep = 'activations', whole = parameterCount(model) < wholeBelow } = options;
  return { whole, keep };
}
