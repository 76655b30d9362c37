/** What training and scoring will take of the machine's memory, from shapes alone: nothing is allocated or compiled. */
import { bytesOf } from '../../graph/live-bytes.ts';
import type { Decoder } from '../../models/decoder.ts';
import type { OnnxModel } from '../../onnx/model-proto.ts';
import {
  type BatchShape,
  blockBackwardGraph,
  blockForwardGraph,
  headLossGraph,
  headScoreGraph,
  maskGraph,
  wholeStepGraph,
} from './graphs.ts';
import { type PlanOptions, parameterCount, planStep } from './plan.ts';

export interface MemoryOptions extends PlanOptions {
  /** Float32 values kept per trained parameter by the optimizer. Default: 2, the moments of AdamW. */
  readonly moments?: number;
}

/** Bytes of resident memory at the worst moment. */
interface MemoryParts {
  /** Node.js, the runtime and the compiled segments. */
  readonly runtime: number;
  readonly weights: number;
  readonly gradients: number;
  readonly moments: number;
  /** Hidden states between the blocks, what the blocks keep for their backward pass, and the masks. */
  readonly activations: number;
  /** Values inside the segment that needs most. */
  readonly working: number;
}

export interface MemoryPrediction {
  readonly bytes: number;
  readonly parts: MemoryParts;
}

/** Resident memory before there is a model. */
const runtimeBytes = 150e6;

/**
 * What the runtime's arena takes for each byte that is alive: it rounds sizes up, leaves gaps and orders nodes in its own
 * way. Measured by bench/train-step.ts at 1.3 to 1.5 for models of 4M to 135M parameters.
 */
const arenaFactor = 1.4;

const outputBytes = ({ outputs }: OnnxModel, wanted: (name: string) => boolean): number =>
  [...outputs].reduce((sum, [name, type]) => sum + (wanted(name) ? bytesOf(type) : 0), 0);

/**
 * Greatest resident memory of a process that trains all parameters of `model`, within a fifth of what bench/train-step.ts
 * measures. Evaluators, the data pipeline and checkpoints are not counted.
 */
export function predictPeakMemory(model: Decoder, options: MemoryOptions): MemoryPrediction {
  const { moments = 2 } = options;
  const weights = 4 * parameterCount(model);
  const { activations, working } = ofStep(model, options);
  return sum({
    runtime: runtimeBytes,
    weights,
    gradients: weights,
    moments: moments * weights,
    activations: activations + inputBytes(options),
    working: arenaFactor * working,
  });
}

/** Greatest resident memory of a process that scores texts. */
export function predictScoringMemory(model: Decoder, shape: BatchShape): MemoryPrediction {
  const { chunks } = planStep(model, shape);
  const masks = maskGraph(shape);
  const segments = [masks, blockForwardGraph(model, shape, 'inputs'), headScoreGraph(model, chunks[0].rows)];
  const hidden = 3 * 4 * shape.rows * shape.length * model.sizes.hidden;
  return sum({
    runtime: runtimeBytes,
    weights: 4 * parameterCount(model),
    gradients: 0,
    moments: 0,
    activations: hidden + inputBytes(shape) + outputBytes(masks, () => true),
    working: arenaFactor * Math.max(...segments.map(({ workingBytes }) => workingBytes)),
  });
}

const sum = (parts: MemoryParts): MemoryPrediction => ({
  bytes: Object.values(parts).reduce((total: number, part: number) => total + part, 0),
  parts,
});

/** Token ids, positions, segment ids, labels, their weights and losses. */
const inputBytes = ({ rows, length }: BatchShape): number => 6 * 4 * rows * length;

function ofStep(model: Decoder, options: MemoryOptions): { activations: number; working: number } {
  const { whole, keep, chunks } = planStep(model, options);
  const { hidden, layers } = model.sizes;
  const hiddenBytes = 4 * options.rows * options.length * hidden;
  if (whole) return { activations: 2 * hiddenBytes, working: wholeStepGraph(model, options, false).workingBytes };
  const masks = maskGraph(options);
  const forward = blockForwardGraph(model, options, keep);
  const backward = blockBackwardGraph(model, options, keep, false);
  const head = headLossGraph(model, chunks[0].rows, chunks.length > 1);
  const kept = layers * outputBytes(forward, (name) => name.startsWith('keep.'));
  return {
    // Before and between the layers, after the last, and two derivatives that take turns.
    activations: (layers + 3) * hiddenBytes + kept + outputBytes(masks, () => true),
    working: Math.max(...[masks, forward, backward, head].map(({ workingBytes }) => workingBytes)),
  };
}

/**
 * The most rows of `length` tokens that train within `bytes` of memory, 0 if not even one does. At most `limit`.
 */
export function largestBatch(
  model: Decoder,
  {
    bytes,
    limit = 1024,
    ...options
  }: Omit<MemoryOptions, 'rows'> & { readonly bytes: number; readonly limit?: number },
): number {
  const fits = (rows: number) => predictPeakMemory(model, { ...options, rows }).bytes <= bytes;
  let [most, tooMany] = [0, limit + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}
