/** What training and scoring will take of the machine's memory, from shapes alone: nothing is allocated or compiled. */
import { bytesOf } from '../../graph/live-bytes.ts';
import { elementCount } from '../../graph/tensor.ts';
import type { Decoder, ParameterSpec } from '../../models/decoder.ts';
import type { OnnxModel } from '../../onnx/model-proto.ts';
import {
  type BatchShape,
  blockBackwardGraph,
  blockForwardGraph,
  blockGraph,
  type IsTrained,
  maskGraph,
} from '../layers/graphs.ts';
import { headLossGraph, headScoreGraph } from '../layers/head-graphs.ts';
import { headChunks } from '../layers/vocabulary-head.ts';
import { wholeStepGraph } from './graphs.ts';
import { type PlanOptions, parameterCount, planStep } from './plan.ts';

export interface MemoryOptions extends PlanOptions {
  /** Float32 values kept per trained parameter by the optimizer. Default: 2, the moments of AdamW. */
  readonly moments?: number;
  /** Which parameters are trained, by checkpoint name. Default: all. */
  readonly isTrained?: IsTrained;
  /** Bytes that a parameter is held in while its layer is not computed. Default: those of float32. */
  readonly bytesOfWeight?: (spec: ParameterSpec) => number;
}

const everyParameter: IsTrained = () => true;

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
export const runtimeBytes = 150e6;

/**
 * What the runtime's arena takes for each byte that is alive: it rounds sizes up, leaves gaps and orders nodes in its own
 * way. Measured by bench/train-step.ts at 1.3 to 1.5 for models of 4M to 135M parameters.
 */
export const arenaFactor = 1.4;

export const outputBytes = ({ outputs }: OnnxModel, wanted: (name: string) => boolean): number =>
  [...outputs].reduce((sum, [name, type]) => sum + (wanted(name) ? bytesOf(type) : 0), 0);

/**
 * Greatest resident memory of a process that trains `model`, or some of its parameters, within a fifth of what
 * bench/train-step.ts and bench/lora-step.ts measure. Evaluators, the data pipeline and checkpoints are not counted.
 */
export function predictPeakMemory(model: Decoder, options: MemoryOptions): MemoryPrediction {
  const { moments = 2, isTrained = everyParameter } = options;
  const float32 = ({ shape }: ParameterSpec) => 4 * elementCount(shape);
  const total = (bytes: (spec: ParameterSpec) => number) =>
    model.parameters.reduce((sum, spec) => sum + bytes(spec), 0);
  const trained = total((spec) => (isTrained(spec.name) ? float32(spec) : 0));
  const { activations, working } = ofStep(model, options);
  return sum({
    runtime: runtimeBytes,
    weights: total(options.bytesOfWeight ?? float32) + unpackedBytes(model, options.bytesOfWeight ?? float32),
    gradients: trained,
    moments: moments * trained,
    activations: activations + inputBytes(options),
    working: arenaFactor * working,
  });
}

/** Greatest resident memory of a process that scores texts. */
export function predictScoringMemory(model: Decoder, shape: BatchShape): MemoryPrediction {
  const [{ rows: chunkRows }] = headChunks(shape.rows * shape.length, model.sizes.vocabulary);
  const masks = maskGraphs(model, shape);
  const segments = [...masks, blockGraph(model, shape), headScoreGraph(model, chunkRows)];
  const hidden = 3 * 4 * shape.rows * shape.length * model.sizes.hidden;
  return sum({
    runtime: runtimeBytes,
    weights: 4 * parameterCount(model),
    gradients: 0,
    moments: 0,
    activations: hidden + inputBytes(shape) + maskBytes(masks),
    working: arenaFactor * Math.max(...segments.map(({ workingBytes }) => workingBytes)),
  });
}

const sum = (parts: MemoryParts): MemoryPrediction => ({
  bytes: Object.values(parts).reduce((total: number, part: number) => total + part, 0),
  parts,
});

/** The matrices of one layer that are held in fewer bits, as they are while it is computed. */
function unpackedBytes(model: Decoder, bytesOfWeight: (spec: ParameterSpec) => number): number {
  const specs = new Map(model.parameters.map((spec) => [spec.name, spec]));
  return Object.entries(model.blockParameters).reduce((sum, [name, shape]) => {
    const bytes = 4 * elementCount(shape);
    return sum + (bytesOfWeight(specs.get(model.blockParameterName(0, name))!) < bytes ? bytes : 0);
  }, 0);
}

/** Of each kind of layers. */
const maskGraphs = ({ layerKinds }: Decoder, shape: BatchShape): OnnxModel[] =>
  layerKinds.map((kind) => maskGraph(shape, kind));

const maskBytes = (masks: readonly OnnxModel[]): number =>
  masks.reduce((sum, mask) => sum + outputBytes(mask, () => true), 0);

/** Token ids, positions, segment ids, labels, their weights and losses. */
const inputBytes = ({ rows, length }: BatchShape): number => 6 * 4 * rows * length;

/** What the inputs of one layer are multiplied with, where the model is trained with dropout. */
const factorBytes = ({ inputDropout }: Decoder, { rows, length }: BatchShape): number =>
  Object.values(inputDropout?.widths ?? {}).reduce((sum, width) => sum + 4 * rows * length * width, 0);

function ofStep(model: Decoder, options: MemoryOptions): { activations: number; working: number } {
  const { isTrained = everyParameter } = options;
  const fresh = { isTrained, accumulating: false };
  const { whole, keep } = planStep(model, options);
  const { hidden, layers, vocabulary } = model.sizes;
  const count = options.rows * options.length;
  const hiddenBytes = 4 * count * hidden;
  const factors = factorBytes(model, options);
  if (whole) {
    const activations = 2 * hiddenBytes + layers * factors;
    return { activations, working: wholeStepGraph(model, options, fresh).workingBytes };
  }
  const masks = maskGraphs(model, options);
  const forward = blockForwardGraph(model, options, keep);
  const backward = blockBackwardGraph(model, options, keep, fresh);
  const chunks = headChunks(count, vocabulary, options.headRows);
  const head = headLossGraph(model, chunks[0].rows, { isTrained, accumulating: chunks.length > 1 });
  const kept = layers * outputBytes(forward, (name) => name.startsWith('keep.'));
  return {
    // Before and between the layers, after the last, and two derivatives that take turns.
    activations: (layers + 3) * hiddenBytes + kept + maskBytes(masks) + factors,
    working: Math.max(...[...masks, forward, backward, head].map(({ workingBytes }) => workingBytes)),
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
  return mostRows(limit, (rows) => predictPeakMemory(model, { ...options, rows }).bytes <= bytes);
}

/** The most rows that fit, of which fewer fit as well: 0 if not even one does. At most `limit`. */
export function mostRows(limit: number, fits: (rows: number) => boolean): number {
  let [most, tooMany] = [0, limit + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}
