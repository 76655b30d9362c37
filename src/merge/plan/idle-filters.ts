/** Filters of parameters that no tensor passes, which is what a typo makes of one. */
import { nearest } from '../../yaml/near-miss.ts';
import type { AnyMergeMethod } from '../method.ts';
import type { MergeRecipe, ParameterHolder } from '../recipe/merge-recipe.ts';
import { filtersOf } from '../recipe/parameter-value.ts';
import { outsideGroup } from './tensor-place.ts';
import type { TensorSources } from './tensor-sources.ts';

/** A sentence for each filter that is part of none of the names that it is tested against. */
export function idleFilterWarnings(
  recipe: MergeRecipe,
  method: AnyMergeMethod,
  tensors: readonly TensorSources[],
): readonly string[] {
  const own = { ...method.perModel, ...method.settings };
  return [...namesByHolder(recipe, tensors)].flatMap(([{ path, parameters }, names]) =>
    Object.entries(parameters)
      .filter(([name]) => Object.hasOwn(own, name))
      .flatMap(([name, value]) =>
        filtersOf(value).map((each) => ({ ...each, path: [...path, 'parameters', name, ...each.path] })),
      )
      .filter(({ filter }) => ![...names].some((name) => name.includes(filter)))
      .map(({ filter, path: place }) => `${recipe.at(place)}: ${explain(filter, names)}`),
  );
}

/** The names of tensors for which the parameters of a part of the recipe are looked up. */
function namesByHolder(
  recipe: MergeRecipe,
  tensors: readonly TensorSources[],
): ReadonlyMap<ParameterHolder, ReadonlySet<string>> {
  const result = new Map<ParameterHolder, Set<string>>();
  const add = (holder: ParameterHolder, name: string): void => {
    result.set(holder, (result.get(holder) ?? new Set()).add(name));
  };
  for (const { name, slice, isOutside, sources } of tensors) {
    for (const holder of [slice, ...recipe.parameters]) add(holder, name);
    for (const each of sources) add(each.source, each.name);
    const control = isOutside ? recipe.outside[outsideGroup(name)] : undefined;
    if (control) add(control, name);
  }
  return result;
}

function explain(filter: string, names: ReadonlySet<string>): string {
  const [example] = names;
  const meant = nearest(filter, [...new Set([...names].flatMap((name) => name.split('.')))]);
  const advice = meant === undefined ? `Names are like ${example}.` : `Did you mean "${meant}"?`;
  return `the filter ${JSON.stringify(filter)} is part of no tensor's name, and its value has no effect. ${advice}`;
}
