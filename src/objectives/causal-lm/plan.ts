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
  /** Rows of the head's chunks. */
  readonly chunks: readonly { readonly start: number; readonly rows: number }[];
}

const logitsBytes = 64 << 20;

const wholeBelow = 8e6;

export const parameterCount = (model: Decoder): number =>
  model.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);

export function planStep(model: Decoder, options: PlanOptions): Plan {
  const { rows, length, keep = 'activations', whole = parameterCount(model) < wholeBelow } = options;
  const headRows = Math.max(1, options.headRows ?? Math.floor(logitsBytes / 4 / model.sizes.vocabulary));
  return { whole, keep, chunks: chunksOf(rows * length, headRows) };
}

/** Equal chunks of at most `size` rows; the last may be shorter. */
function chunksOf(count: number, size: number): Plan['chunks'] {
  const rows = Math.ceil(count / Math.ceil(count / size));
  const starts = Array.from({ length: Math.ceil(count / rows) }, (_, i) => i * rows);
  return starts.map((start) => ({ start, rows: Math.min(rows, count - start) }));
}
