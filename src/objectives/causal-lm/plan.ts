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
  return { whole, keep, chunks: headChunks(rows * length, model.sizes.vocabulary, options.headRows) };
}

/** Equal chunks of at most `most` rows of logits, by default of 64 MB; the last may be shorter. */
export function headChunks(
  count: number,
  vocabulary: number,
  most = Math.floor(logitsBytes / 4 / vocabulary),
): Plan['chunks'] {
  const size = Math.max(1, most);
  const rows = Math.ceil(count / Math.ceil(count / size));
  const starts = Array.from({ length: Math.ceil(count / rows) }, (_, i) => i * rows);
  return starts.map((start) => ({ start, rows: Math.min(rows, count - start) }));
}
