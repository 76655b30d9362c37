/** What each linear layer gets of several adapters, and how large what they are combined to will be. */
import type { Adapter, AdapterModule } from '../../adapters/adapter.ts';
import type { WeightedAdapter } from '../../adapters/merge.ts';
import { scaleOf } from '../../adapters/settings.ts';
import { UsageError } from '../../errors.ts';
import { type CombinationFormName, combinationForms } from './combination-forms.ts';
import { truncationBytes } from './truncated-matrix.ts';

/** An adapter's part in one linear layer. */
export interface Term extends AdapterModule {
  readonly rank: number;
  /** w */
  readonly weight: number;
  /** s */
  readonly scale: number;
  /** Of the adapter, by which random numbers are keyed. */
  readonly id: string;
}

/** By the name of the layer; those that only some adapters know have fewer terms. */
export type LayerTerms = ReadonlyMap<string, readonly Term[]>;

/** @throws UsageError for factors of layers that are not of one size */
export function layerTerms(parts: readonly WeightedAdapter[]): LayerTerms {
  const names = new Set(parts.flatMap(({ adapter }) => [...adapter.modules.keys()]));
  return new Map([...names].map((name) => [name, termsOf(parts, name)]));
}

function termsOf(parts: readonly WeightedAdapter[], name: string): readonly Term[] {
  const terms = parts.flatMap(({ adapter: { settings, modules }, weight = 1 }, index) => {
    const module = modules.get(name);
    return module ? [{ ...module, rank: settings.r, weight, scale: scaleOf(settings), id: String(index) }] : [];
  });
  const { inputs, outputs } = sidesOf(terms);
  if (terms.every(({ a, b, rank }) => a.length === rank * inputs && b.length === rank * outputs)) return terms;
  throw new UsageError({
    field: `adapters of ${name}`,
    found: 'factors of layers of several sizes',
    expected: 'adapters of one base',
    fix: 'Leave one out.',
  });
}

/** Of the layer [outputs, inputs]. */
export const sidesOf = ([{ a, b, rank }]: readonly Term[]) => ({ inputs: a.length / rank, outputs: b.length / rank });

export interface CombinedSizes {
  readonly rank: number;
  readonly layers: number;
  /** Numbers in all its factors. */
  readonly elements: number;
  /** Numbers of the largest layer that is there as a whole for a while; 0 where none is. */
  readonly wholeLayer: number;
  /** Bytes that it takes to cut such a layer to the rank, beside the layer; 0 where none is. */
  readonly truncation: number;
}

export function combinedSizes(
  parts: readonly { readonly adapter: Pick<Adapter, 'settings'> }[],
  layers: LayerTerms,
  { form, rank }: { readonly form: CombinationFormName; readonly rank?: number },
): CombinedSizes {
  const ranks = parts.map(({ adapter }) => adapter.settings.r);
  const combined = form === 'cat' ? ranks.reduce((sum, r) => sum + r, 0) : (rank ?? Math.max(...ranks));
  const sides = [...layers.values()].map(sidesOf);
  const isWhole = combinationForms[form].of === 'changes';
  return {
    rank: combined,
    layers: layers.size,
    elements: sides.reduce((sum, { inputs, outputs }) => sum + combined * (inputs + outputs), 0),
    wholeLayer: isWhole ? Math.max(...sides.map(({ inputs, outputs }) => inputs * outputs)) : 0,
    truncation: isWhole
      ? Math.max(...sides.map(({ inputs, outputs }) => truncationBytes(outputs, inputs, combined)))
      : 0,
  };
}
