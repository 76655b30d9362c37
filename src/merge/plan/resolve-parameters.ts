/** Values of a method's parameters for one tensor, by mergekit's order of precedence, each checked. */
import { UsageError } from '../../errors.ts';
import type { AnyMergeMethod, ParameterSpec, Scalar } from '../method.ts';
import type { MergeRecipe, ParameterHolder } from '../recipe/merge-recipe.ts';
import { evaluateValue, type ValuePlace } from '../recipe/parameter-value.ts';
import { didYouMean } from '../recipe/read-merge-recipe.ts';
import type { Parameters } from '../stream/job.ts';

/** Where values are looked up: the first level that has one for the tensor decides. */
export interface ParameterLevel {
  readonly holder: ParameterHolder;
  readonly place: ValuePlace;
}

export interface ResolveOptions {
  /** Names a place of the recipe in messages. */
  readonly at: MergeRecipe['at'];
  /** What needs the parameters, for messages. */
  readonly owner: string;
  /** The base has no use for parameters of its own, so none is asked for. */
  readonly isBase?: boolean;
}

/** @throws UsageError for a value that is missing, of another kind or outside its limits. */
export function resolveParameters(
  specs: AnyMergeMethod['perModel'],
  levels: readonly ParameterLevel[],
  options: ResolveOptions,
): Parameters {
  if (options.isBase) return {};
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, resolveOne(name, spec, levels, options)]),
  );
}

function resolveOne(
  name: string,
  spec: ParameterSpec,
  levels: readonly ParameterLevel[],
  { at, owner }: ResolveOptions,
): Scalar {
  for (const { holder, place } of levels) {
    if (!Object.hasOwn(holder.parameters, name)) continue;
    const input = holder.parameters[name];
    const value = evaluateValue(input, place);
    if (value === undefined) continue;
    const found = `${JSON.stringify(value)}${typeof input === 'object' ? ` for ${place.name}` : ''}`;
    return checked(value, spec, { field: at([...holder.path, 'parameters', name]), found });
  }
  if (spec.default !== undefined) return spec.default;
  throw new UsageError({
    field: owner,
    found: `no ${name} for ${levels[0]?.place.name}`,
    expected: `${name}: ${spec.summary}`,
    fix: `Add parameters: {${name}: ...} to the model, or to the recipe for all of them.`,
  });
}

function checked(
  value: Scalar | string,
  spec: ParameterSpec,
  place: { readonly field: string; readonly found: string },
): Scalar {
  const converted = spec.kind === 'boolean' ? asBoolean(value) : asNumber(value);
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = spec;
  if (converted !== undefined && Number(converted) >= minimum && Number(converted) <= maximum) return converted;
  const range = [
    ...(spec.minimum === undefined ? [] : [`at least ${spec.minimum}`]),
    ...(spec.maximum === undefined ? [] : [`at most ${spec.maximum}`]),
  ].join(' and ');
  throw new UsageError({
    ...place,
    expected: `${spec.kind === 'boolean' ? 'true or false' : `a number${range && `, ${range}`}`} (${spec.summary})`,
    fix: 'Correct the value.',
  });
}

/** Python's YAML reads `1e-4` as text, and gradients make numbers of truth values. */
function asNumber(value: Scalar | string): number | undefined {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function asBoolean(value: Scalar | string): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const truths: Readonly<Record<string, boolean>> = { 0: false, 1: true, yes: true, no: false, on: true, off: false };
  return truths[String(value).toLowerCase()];
}

/**
 * Parameters that the method does not have: those of other methods are warned about, as they have no effect.
 * @throws UsageError for a name that no method has
 */
export function requireKnownParameters(
  recipe: MergeRecipe,
  method: AnyMergeMethod,
  all: readonly AnyMergeMethod[],
): readonly string[] {
  const own = new Set([...Object.keys(method.perModel), ...Object.keys(method.settings)]);
  const known = new Set(all.flatMap(({ perModel, settings }) => [...Object.keys(perModel), ...Object.keys(settings)]));
  const unused = new Set<string>();
  const holders: readonly ParameterHolder[] = [
    ...recipe.parameters,
    ...recipe.slices.flatMap((slice) => [slice, ...slice.sources]),
    ...Object.values(recipe.outside).flatMap((control) => control ?? []),
  ];
  const given = holders.flatMap(({ path, parameters }) => Object.keys(parameters).map((name) => ({ path, name })));
  for (const { path, name } of given) {
    if (own.has(name)) continue;
    if (known.has(name)) unused.add(name);
    else {
      throw new UsageError({
        field: recipe.at([...path, 'parameters', name]),
        found: `the parameter ${JSON.stringify(name)}`,
        expected: `one of ${[...own].join(', ')}`,
        fix: didYouMean(name, [...own, ...known]),
      });
    }
  }
  return [...unused].map((name) => `${recipe.source}: ${name} has no effect with ${method.name}.`);
}
