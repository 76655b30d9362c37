/** Ways to thin out a task vector before it is merged. */
import type { ParameterSpecs, ParameterValues } from '../../method.ts';
import type { ReadOptions, TensorStream } from '../../stream/tensor-stream.ts';
import type { sharedModelParameters, sharedSettings } from './parameters.ts';

/** What every task-vector method knows of its tensor; `Extra` are parameters of the sparsifier. */
export type TaskStream<Extra extends ParameterSpecs = Record<never, never>> = TensorStream<
  typeof sharedModelParameters & Extra,
  typeof sharedSettings
>;

/** Zeroes entries of one piece of a model's delta, in place. Called for all pieces of a pass in order. */
export type Thinning = (model: number, delta: Float32Array, start: number) => void;

export interface Sparsifier<Extra extends ParameterSpecs = Record<never, never>> {
  /** Parameters per model beside weight and density. */
  readonly parameters: Extra;
  /** Whether it needs whole rows. */
  readonly rows?: true;
  /**
   * Gathers what it needs to know of the whole tensor and gives a function that starts a pass over it; every pass keeps the
   * same entries.
   */
  prepare(tensor: TaskStream<Extra>): () => Thinning;
  /** Whether `compat: paper` replaces the rescaling of `rescale: true` by one of its own. */
  readonly rescalesItself?: true;
  /** @param at where they apply, for the message @throws UsageError for values that do not go together */
  check?(parameters: ParameterValues<typeof sharedModelParameters & Extra>, at: string): void;
}

export function readOptions({ rows }: Pick<Sparsifier, 'rows'>): ReadOptions {
  return { rows: rows === true, deltas: true };
}
