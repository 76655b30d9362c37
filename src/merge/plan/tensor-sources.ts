/** Which tensors of the models become which tensor of the result. */
import { InputError, UsageError } from '../../errors.ts';
import { headName } from '../../models/tied-head.ts';
import { formatPlural } from '../../observe/numbers.ts';
import type { MergeRecipe, RecipeSlice, RecipeSource } from '../recipe/merge-recipe.ts';
import type { SourceModel } from './source-model.ts';
import { isDerivedBuffer, layerPlace, outsideGroup } from './tensor-place.ts';

/** A source of a slice with its model opened and its layers known. */
export interface OpenedSource extends RecipeSource {
  readonly opened: SourceModel;
  /** [first, end) */
  readonly range: readonly [number, number];
  /** Its place among the sources of its slice, the base included. */
  readonly position: number;
}

export interface TensorSources {
  /** Name in the result. */
  readonly name: string;
  readonly slice: RecipeSlice;
  /** 0 at the first layer of the slice, 1 at the last; 0 outside the layers. */
  readonly t: number;
  readonly isOutside: boolean;
  readonly sources: readonly { readonly source: OpenedSource; readonly name: string }[];
}

export interface OpenedSlice {
  readonly slice: RecipeSlice;
  readonly sources: readonly OpenedSource[];
  /** The base, or else the first source: its tensors are those of the result. */
  readonly lead: OpenedSource;
  readonly layers: number;
}

/** @throws UsageError for layers that a model does not have or that do not pair up */
export function openSlices(
  recipe: MergeRecipe,
  models: ReadonlyMap<string, SourceModel>,
  usesBase: boolean,
): readonly OpenedSlice[] {
  return recipe.slices.map((slice) => {
    const listed = slice.sources.filter(({ isImplied }) => usesBase || !isImplied);
    const sources = listed.map((source, position): OpenedSource => {
      const opened = models.get(source.model.text)!;
      if (source.layers && opened.isEncoderDecoder) throw twoSides(recipe, source);
      const range = source.layers ?? [0, opened.layers];
      if (range[0] < range[1] ? range[1] <= opened.layers : range[0] === range[1] && opened.layers === 0) {
        return { ...source, opened, range, position };
      }
      throw new UsageError({
        field: recipe.at([...source.path, 'layer_range']),
        found: `layers [${range}] of ${source.model.text}`,
        expected: `[first, end) within its ${opened.layers} layers`,
        fix: 'Correct the range.',
      });
    });
    const lead = sources.find(({ isBase }) => usesBase && isBase) ?? sources[0];
    const layers = lead.range[1] - lead.range[0];
    const odd = sources.find(({ range }) => range[1] - range[0] !== layers);
    if (odd !== undefined) {
      throw new UsageError({
        field: recipe.at(slice.path),
        found: `${layers} layers of ${lead.model.text} and ${odd.range[1] - odd.range[0]} of ${odd.model.text}`,
        expected: 'equally many layers of every model',
        fix: recipe.form === 'models' ? 'Say which layers belong together, with slices.' : 'Correct layer_range.',
      });
    }
    return { slice, sources, lead, layers };
  });
}

const twoSides = (recipe: MergeRecipe, { path }: RecipeSource): UsageError =>
  new UsageError({
    field: recipe.at([...path, 'layer_range']),
    found: 'layers of an encoder-decoder, which has two stacks of them',
    expected: 'whole models',
    fix: 'Name the models under models, without layers.',
  });

/** All tensors of the result, in the order of the model: before the layers, the layers, behind them. */
export function tensorSources(slices: readonly OpenedSlice[]): readonly TensorSources[] {
  const [first] = slices;
  const last = slices.at(-1)!;
  const outside = outsideNames(first, last);
  const of = ({ slice, sources }: OpenedSlice, name: string): TensorSources => ({
    name,
    slice,
    t: 0,
    isOutside: true,
    sources: sources.map((source) => ({ source, name })),
  });
  const result = [
    ...outside.filter((name) => outsideGroup(name) === 'embed').map((name) => of(first, name)),
    ...layerSources(slices),
    ...outside.filter((name) => outsideGroup(name) !== 'embed').map((name) => of(last, name)),
  ];
  requireAll(result, slices);
  return result;
}

/** The head is stored where at least one model has one of its own: tied models then lend their input table to it. */
function outsideNames({ lead }: OpenedSlice, { sources, lead: lastLead }: OpenedSlice): readonly string[] {
  const isOutside = (name: string): boolean => layerPlace(name) === undefined && !isDerivedBuffer(name);
  const names = new Set([
    ...lead.opened.names.filter((name) => isOutside(name) && outsideGroup(name) === 'embed'),
    ...lastLead.opened.names.filter((name) => isOutside(name) && outsideGroup(name) !== 'embed'),
  ]);
  names.delete(headName);
  const hasHead = sources.some(({ opened }) => !opened.isTied && opened.find(headName) !== undefined);
  return hasHead ? [...names, headName] : [...names];
}

function* layerSources(slices: readonly OpenedSlice[]): Generator<TensorSources> {
  let before = 0;
  for (const { slice, sources, lead, layers } of slices) {
    const depths = depthsOf(lead);
    for (let k = 0; k < layers; k++) {
      for (const stored of lead.opened.names) {
        const place = layerPlace(stored);
        if (place?.layer !== lead.range[0] + k || isDerivedBuffer(stored)) continue;
        const { prefix, suffix } = place;
        const depth = Math.min(layers, depths.get(prefix)!);
        yield {
          name: `${prefix}${before + k}${suffix}`,
          slice,
          t: depth === 1 ? 1 : k / (depth - 1),
          isOutside: false,
          sources: sources.map((source) => ({ source, name: `${prefix}${source.range[0] + k}${suffix}` })),
        };
      }
    }
    before += layers;
  }
}

/** Layers by what their names begin with: an encoder-decoder has two stacks, which need not be equally deep. */
function depthsOf({ opened: { names } }: OpenedSource): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const place of names.flatMap((name) => layerPlace(name) ?? [])) {
    depths.set(place.prefix, Math.max(depths.get(place.prefix) ?? 0, place.layer + 1));
  }
  return depths;
}

/** @throws InputError for a tensor that a model lacks, or has and the others do not. */
function requireAll(tensors: readonly TensorSources[], slices: readonly OpenedSlice[]): void {
  const used = new Map<SourceModel, Set<string>>();
  for (const { sources } of tensors) {
    for (const { source, name } of sources) {
      if (!source.opened.find(name)) throw missing(source, name, sources[0].source);
      const names = used.get(source.opened) ?? new Set();
      used.set(source.opened, names.add(name));
    }
  }
  for (const { sources, lead } of slices) {
    for (const { opened, range, model } of sources) {
      const isInRange = (name: string): boolean => {
        const layer = layerPlace(name)?.layer;
        return layer === undefined ? slices.length === 1 : layer >= range[0] && layer < range[1];
      };
      const extra = opened.names.filter(
        (name) => isInRange(name) && !used.get(opened)?.has(name) && !isDerivedBuffer(name) && name !== headName,
      );
      if (extra.length === 0) continue;
      throw new InputError({
        field: `model ${model.text}`,
        found: `${formatPlural(extra.length, 'tensor')} that ${lead.model.text} does not have, such as ${JSON.stringify(extra[0])}`,
        expected: 'models of one architecture with the same tensors',
        fix: 'Merge models that come from one base.',
      });
    }
  }
}

function missing({ opened, model }: OpenedSource, name: string, first: OpenedSource): InputError {
  return new InputError({
    field: `model ${model.text}`,
    found: `no tensor ${JSON.stringify(name)} (${opened.folder})`,
    expected: `the tensors of ${first.model.text}`,
    fix: 'Merge models that come from one base; if the download is incomplete, fetch it again.',
  });
}
