/**
 * Several LoRA adapters of one base into one, with PEFT's arithmetic (`add_weighted_adapter`), s_i the scale of an adapter:
 *
 *   cat                                 A = [w_i s_i A_i], B = [B_i]: exactly sum_i w_i s_i B_i A_i, of the sum of the ranks
 *   svd                                 the same sum cut to a rank, by its singular value decomposition
 *   linear, ties, dare_linear,          each factor for itself, with sqrt(|w_i s_i|) as weight and the sign on A: the product
 *   dare_ties, magnitude_prune          has terms B_i A_j between adapters too
 *   ties_svd, dare_linear_svd,          the changes s_i B_i A_i with weights w_i, cut to a rank: one layer of the base is
 *   dare_ties_svd, magnitude_prune_svd  there as a whole, in float32
 *
 * The sum of the changes is `cat` or `svd`; the others are what PEFT's users know.
 */
import { setImmediate } from 'node:timers/promises';
import type { Adapter, AdapterModule } from '../../adapters/adapter.ts';
import type { WeightedAdapter } from '../../adapters/merge.ts';
import { hasMagnitudes, type TargetModules } from '../../adapters/settings.ts';
import { UsageError } from '../../errors.ts';
import { requireWeightMemory } from '../../models/weight-memory.ts';
import { stream } from '../../random/stream.ts';
import { runMethod } from '../run-method.ts';
import {
  type CombinationFormName,
  combinationForms,
  type FormOptions,
  requireFormOptions,
} from './combination-forms.ts';
import { combinedSizes, layerTerms, sidesOf, type Term } from './layer-terms.ts';
import { truncatedMatrix } from './truncated-matrix.ts';
import { truncatedSum } from './truncated-sum.ts';

export interface CombineOptions extends FormOptions {
  readonly form: CombinationFormName;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Layers that only some adapters know are combined of those. The result is plain LoRA of scale 1, also where the adapters are
 * rsLoRA. A single adapter is combined like several, where PEFT takes `linear` whatever it is told.
 * @throws UsageError for adapters that do not go together, DoRA, an option that the form does not have, or a density or rank
 * out of its range
 */
export async function combineAdapters(parts: readonly WeightedAdapter[], options: CombineOptions): Promise<Adapter> {
  requireFormOptions(options.form, options, (name) => name);
  requireCombinable(parts, options.form);
  const { signal, onProgress } = options;
  const layers = layerTerms(parts);
  const { rank, elements, wholeLayer, truncation } = combinedSizes(parts, layers, options);
  requireWeightMemory('combined adapter', 4 * (elements + wholeLayer) + truncation);
  const pause = async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const modules = new Map<string, AdapterModule>();
  for (const [name, terms] of layers) {
    await pause();
    modules.set(name, await combineModule({ name, terms, rank, pause }, options));
    onProgress?.({ done: modules.size, total: layers.size });
  }
  return { settings: { method: 'lora', r: rank, alpha: rank, targetModules: targetsOf(parts), dropout: 0 }, modules };
}

interface Combination {
  readonly name: string;
  readonly terms: readonly Term[];
  readonly rank: number;
  readonly pause: () => Promise<void>;
}

function combineModule(combination: Combination, options: CombineOptions): AdapterModule | Promise<AdapterModule> {
  const { terms, rank } = combination;
  const form = combinationForms[options.form];
  switch (form.of) {
    case 'ranks':
      return concatenated(terms, rank);
    case 'sum':
      return truncatedSum(
        terms.map(({ a, b, rank: own, weight, scale }) => ({ a, b, rank: own, scale: weight * scale })),
        rank,
      );
    case 'factors':
      return combinedFactors(combination, form, options);
    case 'changes':
      return combinedChanges(combination, form, options);
    default:
      return form satisfies never;
  }
}

type Ruled = Extract<(typeof combinationForms)[CombinationFormName], { readonly of: 'factors' | 'changes' }>;

function combinedFactors(
  { name, terms, rank }: Combination,
  { method, compat }: Ruled,
  { density = 1, election = 'total', seed }: FormOptions,
): AdapterModule {
  const { inputs, outputs } = sidesOf(terms);
  const combine = (factor: 'a' | 'b', shape: readonly number[], sign: (scale: number) => number): Float32Array =>
    runMethod(method(election), {
      shape,
      base: { kind: 'product', updates: [], shape },
      models: terms.map((term) => term[factor]),
      parameters: terms.map(({ weight, scale }) => {
        return { weight: sign(weight * scale) * Math.sqrt(Math.abs(weight * scale)), density };
      }),
      compat,
      seed,
      name: `${name}.${factor}`,
      ids: terms.map(({ id }) => id),
    }).values;
  return {
    a: combine('a', [rank, inputs], (scale) => (scale < 0 ? -1 : 1)),
    b: combine('b', [outputs, rank], () => 1),
  };
}

/** The changes are made of their factors piece by piece; what they are combined to is there as a whole. */
function combinedChanges(
  { name, terms, rank, pause }: Combination,
  { method, compat }: Ruled,
  { density = 1, election = 'total', seed = 0 }: FormOptions,
): Promise<AdapterModule> {
  const { inputs, outputs } = sidesOf(terms);
  const shape = [outputs, inputs];
  const given = (values: Float32Array, ...sides: readonly number[]) =>
    ({ kind: 'given', values, shape: sides }) as const;
  const { values } = runMethod(method(election), {
    shape,
    base: { kind: 'product', updates: [], shape },
    models: terms.map(({ a, b, rank: own, scale }) => {
      return { kind: 'product', shape, updates: [{ a: given(a, own, inputs), b: given(b, outputs, own), scale }] };
    }),
    parameters: terms.map(({ weight }) => ({ weight, density })),
    compat,
    seed,
    name,
    ids: terms.map(({ id }) => id),
  });
  const random = stream(seed, 'truncate', name);
  return truncatedMatrix(values, inputs, rank, { normal: () => random.normal(), pause });
}

/** Ranks that nothing fills, where a layer is not in all adapters, are zero. */
function concatenated(terms: readonly Term[], rank: number): AdapterModule {
  const { inputs, outputs } = sidesOf(terms);
  const result = { a: new Float32Array(rank * inputs), b: new Float32Array(outputs * rank) };
  let done = 0;
  for (const { a, b, rank: own, weight, scale } of terms) {
    result.a.set(
      a.map((value) => weight * scale * value),
      done * inputs,
    );
    for (let row = 0; row < outputs; row++) {
      result.b.set(b.subarray(row * own, (row + 1) * own), row * rank + done);
    }
    done += own;
  }
  return result;
}

function targetsOf(parts: readonly WeightedAdapter[]): TargetModules {
  const targets = parts.map(({ adapter }) => adapter.settings.targetModules);
  if (targets.includes('all-linear')) return 'all-linear';
  return [...new Set(targets.flat())];
}

/**
 * @param place names an adapter or a weight by its position
 * @throws UsageError for adapters that do not go together in the form
 */
export function requireCombinable(
  parts: readonly WeightedAdapter[],
  form: CombinationFormName,
  place: (list: 'adapters' | 'weights', index: number) => string = (list, index) => `${list}.${index}`,
): void {
  if (parts.length === 0) throw refuse('adapters', 'none', 'one or more', 'Name the adapters to combine.');
  const [first] = parts;
  for (const [index, { adapter, weight = 1 }] of parts.entries()) {
    const { method, r } = adapter.settings;
    if (!Number.isFinite(weight)) {
      throw refuse(place('weights', index), String(weight), 'a finite number', 'Correct the weight.');
    }
    if (hasMagnitudes(method)) {
      const fix = 'Merge it into its base instead: its change is no product of two factors.';
      throw refuse(place('adapters', index), 'a DoRA adapter', 'LoRA or rsLoRA', fix);
    }
    if (combinationForms[form].of !== 'factors' || r === first.adapter.settings.r) continue;
    const fix = 'Use cat, svd or another form that ends in svd, which take any ranks.';
    throw refuse(place('adapters', index), `rank ${r}`, `${first.adapter.settings.r}, as ${form} takes one rank`, fix);
  }
}

const refuse = (field: string, found: string, expected: string, fix: string): UsageError =>
  new UsageError({ field, found, expected, fix });
