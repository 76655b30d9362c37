/** What training and scoring an encoder-decoder will take of the machine's memory, from shapes alone. */
import { elementCount } from '../../graph/tensor.ts';
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { OnnxModel } from '../../onnx/model-proto.ts';
import { arenaFactor, outputBytes, runtimeBytes } from '../causal-lm/memory.ts';
import type { IsTrained } from '../layers/graphs.ts';
import { headLossGraph } from '../layers/head-graphs.ts';
import { headChunks } from '../layers/vocabulary-head.ts';
import type { Seq2SeqShape } from './batch.ts';
import { blockBackwardGraph, blockGraph, type StackShape } from './graphs.ts';

export interface Seq2SeqMemoryOptions {
  /** Which parameters are trained, by checkpoint name. Default: all. */
  readonly isTrained?: IsTrained;
}

/**
 * Greatest resident memory in bytes of a process that trains `model`, or some of its parameters: its parameters, the
 * programs of all `shapes`, and the segment that needs most.
 */
export function predictSeq2SeqMemory(
  model: EncoderDecoder,
  shapes: readonly Seq2SeqShape[],
  { isTrained = () => true }: Seq2SeqMemoryOptions = {},
): number {
  const programs = shapes.map((shape) => ofProgram(model, shape, isTrained));
  // A weight, and of one that is trained its gradient and two moments.
  const parameters = model.parameters.reduce((sum, { name, shape }) => {
    return sum + (isTrained(name) ? 16 : 4) * elementCount(shape);
  }, 0);
  return (
    runtimeBytes +
    parameters +
    programs.reduce((sum, { activations }) => sum + activations, 0) +
    arenaFactor * Math.max(...programs.map(({ working }) => working))
  );
}

function ofProgram(model: EncoderDecoder, { rows, inputLength, targetLength }: Seq2SeqShape, isTrained: IsTrained) {
  const sides = [
    ofStack(model, 'encoder', { rows, length: inputLength }, isTrained),
    ofStack(model, 'decoder', { rows, length: targetLength, inputLength }, isTrained),
  ];
  const [chunk] = headChunks(rows * targetLength, model.sizes.vocabulary);
  const head = headLossGraph(model, chunk.rows, { isTrained, accumulating: true });
  // The encoder's states after its last norm, and the derivatives by them.
  const memory = 2 * 4 * rows * inputLength * model.sizes.hidden;
  return {
    activations: memory + sides.reduce((sum, { activations }) => sum + activations, 0),
    working: Math.max(head.workingBytes, ...sides.map(({ working }) => working)),
  };
}

function ofStack(model: EncoderDecoder, side: 'encoder' | 'decoder', shape: StackShape, isTrained: IsTrained) {
  const stack = model[side];
  const { hidden, heads } = model.sizes;
  const forward = blockGraph(model, stack, shape, true);
  const backward = blockBackwardGraph(model, stack, shape, { isTrained, accumulating: true });
  const states = 4 * shape.rows * shape.length * hidden;
  // Position bias and its derivative, and the rows of its table.
  const bias = 4 * (2 * heads + 1) * shape.length ** 2;
  const kept = stack.layers * outputBytes(forward, (name) => name.startsWith('keep.'));
  const working = ({ workingBytes }: OnnxModel) => workingBytes;
  return {
    // Before and between the layers, after the last, and two derivatives that take turns.
    activations: (stack.layers + 3) * states + bias + kept,
    working: Math.max(working(forward), working(backward)),
  };
}
