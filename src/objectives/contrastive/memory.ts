/** What contrastive training will take of the machine's memory, from shapes alone. */
import { elementCount } from '../../graph/tensor.ts';
import type { Encoder } from '../../models/encoder.ts';
import { arenaFactor, outputBytes, runtimeBytes } from '../causal-lm/memory.ts';
import { shapeOfTexts } from '../encoder/length-classes.ts';
import { type BatchShape, blockBackwardGraph, blockForwardGraph, type IsTrained, maskGraph } from '../layers/graphs.ts';
import { mostPrograms } from './program.ts';

/** Of a parameter that is trained: a weight, its gradient and the two moments of AdamW; of another the weight. */
const bytesOfParameter = { trained: 16, frozen: 4 };

interface Texts {
  /** Tokens of the texts. */
  readonly lengths: readonly number[];
  /** How many a step has. */
  readonly texts: number;
  /** Which parameters are trained, by checkpoint name. Default: all. */
  readonly isTrained?: IsTrained;
}

/**
 * Greatest resident memory of a process that trains `encoder`, or some of its parameters: these, the programs of the largest
 * passes that are kept at once, and the segment that needs most.
 */
export function predictContrastiveMemory(encoder: Encoder, { lengths, texts, isTrained = () => true }: Texts): number {
  const programs = passesOf(lengths, texts).map((shape) => ofProgram(encoder, shape, isTrained));
  const kept = programs.map(({ activations }) => activations).sort((a, b) => b - a);
  const parameters = encoder.parameters.reduce(
    (sum, { name, shape }) => sum + bytesOfParameter[isTrained(name) ? 'trained' : 'frozen'] * elementCount(shape),
    0,
  );
  return (
    runtimeBytes +
    parameters +
    kept.slice(0, mostPrograms).reduce((sum, bytes) => sum + bytes, 0) +
    arenaFactor * Math.max(...programs.map(({ working }) => working))
  );
}

/** The shapes of passes over a step whose texts all have one of the lengths. */
function passesOf(lengths: readonly number[], texts: number): BatchShape[] {
  const shapes = [...new Set(lengths)].map((length) => shapeOfTexts(length, texts));
  return [...new Map(shapes.map((shape) => [`${shape.rows}x${shape.length}`, shape])).values()];
}

function ofProgram(
  encoder: Encoder,
  shape: BatchShape,
  isTrained: IsTrained,
): { readonly activations: number; readonly working: number } {
  const masks = encoder.layerKinds.map((kind) => maskGraph(shape, kind));
  const forward = blockForwardGraph(encoder, shape, 'activations');
  const options = { isTrained, accumulating: true };
  const backward = blockBackwardGraph(encoder, shape, 'activations', options);
  const { layers, hidden } = encoder.sizes;
  const states = 4 * shape.rows * shape.length * hidden;
  const kept = layers * outputBytes(forward, (name) => name.startsWith('keep.'));
  const seen = masks.reduce((sum, mask) => sum + outputBytes(mask, () => true), 0);
  return {
    // Before the norm, between the layers, after the last, and two derivatives that take turns.
    activations: (layers + 5) * states + kept + seen,
    working: Math.max(...[forward, backward, ...masks].map(({ workingBytes }) => workingBytes)),
  };
}
