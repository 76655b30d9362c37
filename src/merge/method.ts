/**
 * What a merge method is: a name, where it comes from, its parameters, and a function that goes over the pieces of one
 * tensor. Everything else (files, threads, element types, resuming) is the engine's.
 *
 * ```ts
 * const average = defineMethod({
 *   name: 'average',
 *   reference: 'Wortsman et al. 2022, Model soups',
 *   equation: 'mean_i theta_i',
 *   base: 'none',
 *   models: [1, Infinity],
 *   perModel: {},
 *   settings: {},
 *   merge({ models, kernels, write }) {
 *     write((piece, out) => {
 *       for (const values of piece.models) kernels.addScaled(out, values, 1 / models.length);
 *     });
 *   },
 * });
 * ```
 */
import type { TensorStream } from './stream/tensor-stream.ts';

export type Scalar = number | boolean;

export interface ParameterSpec<T extends Scalar = Scalar> {
  readonly kind: T extends boolean ? 'boolean' : 'number';
  /** A parameter without a default has to be given. */
  readonly default?: T;
  /** Allowed values, both ends inside; the rest is refused before anything is written. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly summary: string;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** The values of parameters, by the kind that their specification declares. */
export type ParameterValues<Specs extends ParameterSpecs> = {
  readonly [Name in keyof Specs]: { readonly number: number; readonly boolean: boolean }[Specs[Name]['kind']];
};

/** `mergekit`: what mergekit computes. `paper`: what the authors of the method describe. */
export type Compatibility = 'mergekit' | 'paper';

/**
 * A sum of counts over all tensors of the merge, for methods that look at the whole model before they merge a part of it.
 * Counts are whole numbers, so that their sum does not depend on the order of the tensors.
 */
type Survey<PerModel extends ParameterSpecs, Settings extends ParameterSpecs> = (
  tensor: TensorStream<PerModel, Settings>,
) => Float64Array;

export interface MergeMethod<
  PerModel extends ParameterSpecs = ParameterSpecs,
  Settings extends ParameterSpecs = ParameterSpecs,
> {
  readonly name: string;
  /** Authors, year, title. */
  readonly reference: string;
  /** In plain notation: theta_0 is the base, theta_i are models, delta_i = theta_i - theta_0. */
  readonly equation: string;
  /** Whether one model is the base. Where it is not `none`, the base is not among the models that the method gets. */
  readonly base: 'required' | 'optional' | 'none';
  /** How many models there may be, without the base. */
  readonly models: readonly [least: number, most: number];
  readonly perModel: PerModel;
  readonly settings: Settings;
  /** How `compat: paper` differs from mergekit; absent where it does not. */
  readonly paper?: string;
  /** Rounds of counting before the merge, in order; each sees the sums of those before it. Only under `compat: paper`. */
  readonly surveys?: readonly Survey<PerModel, Settings>[];
  /**
   * Refuses combinations of values that no single parameter's limits can, by a `UsageError`. Asked for each tensor before
   * anything is written, with its place for the message.
   */
  readonly check?: (
    models: readonly ParameterValues<PerModel>[],
    settings: ParameterValues<Settings>,
    at: string,
  ) => void;
  /** What the user should know of values that are allowed, in sentences. */
  readonly cautions?: (
    models: readonly ParameterValues<PerModel>[],
    settings: ParameterValues<Settings>,
  ) => readonly string[];
  /** Calls `write` once, after as many calls of `read` as it needs. */
  merge(tensor: TensorStream<PerModel, Settings>): void;
}

/**
 * A method whose parameters the engine knows only by their specification.
 * The functions are declared as methods, so that a method with parameters of its own is one of these.
 */
export type AnyMergeMethod = MergeMethod;

/** Keeps the types of the parameters while a method is written, and forgets them for the engine. */
export function defineMethod<const PerModel extends ParameterSpecs, const Settings extends ParameterSpecs>(
  method: MergeMethod<PerModel, Settings>,
): AnyMergeMethod {
  // The engine hands a method only values that were checked against its own specifications.
  return method as unknown as AnyMergeMethod;
}
