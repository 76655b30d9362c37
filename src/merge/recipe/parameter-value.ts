/**
 * Values of parameters as mergekit's language has them:
 *
 *   0.5                                              the same everywhere
 *   [0, 0.5, 1]                                      a gradient over the layers, linear between its points
 *   [{filter: self_attn, value: 0.3}, {value: 1}]    by the name of the tensor; the first that matches
 *   {filter: self_attn, value: 0.3}                  an entry that stands alone
 *
 * The value of an entry may itself be a gradient. A filter is a part of a tensor's name; without one, or as `*`, an entry
 * matches every tensor.
 */
import type { Scalar } from '../method.ts';
import type { DocumentPath } from './merge-recipe.ts';

export type ValueInput =
  | Scalar
  | string
  | readonly (Scalar | string)[]
  | ConditionalInput
  | readonly ConditionalInput[];

interface ConditionalInput {
  readonly filter?: string | null;
  readonly value: Scalar | string | readonly (Scalar | string)[];
}

/** Where a value is asked for. */
export interface ValuePlace {
  /** Name of the tensor that filters are tested against. */
  readonly name: string;
  /** Position in the slice: 0 at its first layer, 1 at its last; 0 for tensors outside the layers. */
  readonly t: number;
}

/** The value at a place; undefined where no filter matches. */
export function evaluateValue(input: ValueInput, place: ValuePlace): Scalar | string | undefined {
  if (!isConditional(input)) return isList(input) ? onGradient(input, place.t) : input;
  const found = conditionsOf(input).find(({ filter }) => isEverywhere(filter) || place.name.includes(filter));
  return found === undefined ? undefined : isList(found.value) ? onGradient(found.value, place.t) : found.value;
}

/** The filters of a value, each with its place in it. */
export function filtersOf(input: ValueInput): readonly { readonly filter: string; readonly path: DocumentPath }[] {
  if (!isConditional(input)) return [];
  return conditionsOf(input).flatMap(({ filter }, index) =>
    isEverywhere(filter) ? [] : [{ filter, path: isList(input) ? [index, 'filter'] : ['filter'] }],
  );
}

const isEverywhere = (filter: ConditionalInput['filter']): filter is '' | '*' | null | undefined =>
  !filter || filter === '*';

/** Truth values count as numbers in a gradient, so `[true, false]` fades; lists of words do not fade. */
function onGradient(points: readonly (Scalar | string)[], t: number): Scalar | string | undefined {
  if (points.length === 0) return undefined;
  const place = t * (points.length - 1);
  const index = Math.trunc(place);
  if (points.some((point) => typeof point === 'string')) return points[index];
  const fraction = place - index;
  return (1 - fraction) * Number(points[index]) + fraction * Number(points[Math.min(index + 1, points.length - 1)]);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function isConditional(value: ValueInput): value is ConditionalInput | readonly ConditionalInput[] {
  return isList<unknown>(value) ? value.some((entry) => typeof entry === 'object') : typeof value === 'object';
}

function conditionsOf(value: ConditionalInput | readonly ConditionalInput[]): readonly ConditionalInput[] {
  return isList(value) ? value : [value];
}
