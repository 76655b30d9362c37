/**
 * Several LoRA adapters of one base into one, with PEFT's arithmetic (`add_weighted_adapter`), s_i the scale of an adapter:
 *
 *   cat                                 A = [w_i s_i A_i], B = [B_i]: exactly sum_i w_i s_i B_i A_i, of the sum of the ranks
 *   svd                                 the same sum cut to a rank, by its singular value decomposition
 *   linear, ties, dare_linear,          each factor for itself, with sqrt(|w_i s_i|) as weight and the sign on A: the product
 *   dare_ties, magnitude_prune          has terms B_i A_j between adapters too
 *
 * The sum of the changes is `cat` or `svd`; the others are what PEFT's users know.
 */
import type { Adapter, AdapterModule } from '../../adapters/adapter.ts';
import type { WeightedAdapter } from '../../adapters/merge.ts';
import { hasMagnitudes, scaleOf, type TargetModules } from '../../adapters/settings.ts';
import { UsageError } from '../../errors.ts';
import { runMethod } from '../run-method.ts';
import { type Election, factorMethods } from './factor-methods.ts';
import { truncatedSum } from './truncated-sum.ts';

export interface CombineOptions {
  readonly form: 'cat' | 'svd' | keyof typeof factorMethods;
  /** Share of the entries of each factor that is kept; for `ties`, `dare_*` and `magnitude_prune`, which need it. */
  readonly density?: number;
  /** Of `ties` and `dare_ties`. Default `total`. */
  readonly election?: Election;
  /** Of `svd`. Default the largest of the adapters' ranks. */
  readonly rank?: number;
  /** Of `dare_*`. Default 0. */
  readonly seed?: number;
}

/** An adapter's part in one linear layer. */
interface Term extends AdapterModule {
  readonly rank: number;
  /** w s */
  readonly scale: number;
  readonly id: string;
}

/**
 * Layers that only some adapters know are combined of those. As in PEFT, a single adapter is always combined by `linear`. The
 * result is plain LoRA of scale 1, also where the adapters are rsLoRA.
 * @throws UsageError for adapters that do not go together, DoRA, or a density or rank out of its range
 */
export function combineAdapters(parts: readonly WeightedAdapter[], { form, ...rest }: CombineOptions): Adapter {
  const options: CombineOptions = { ...rest, form: parts.length === 1 ? 'linear' : form };
  assertCombinable(parts, options);
  const rank = rankOf(parts, options);
  const names = new Set(parts.flatMap(({ adapter }) => [...adapter.modules.keys()]));
  const modules = [...names].map((name): [string, AdapterModule] => {
    return [name, combineModule(name, termsOf(parts, name), rank, options)];
  });
  return {
    settings: { method: 'lora', r: rank, alpha: rank, targetModules: targetsOf(parts), dropout: 0 },
    modules: new Map(modules),
  };
}

function termsOf(parts: readonly WeightedAdapter[], name: string): readonly Term[] {
  return parts.flatMap(({ adapter: { settings, modules }, weight = 1 }, index) => {
    const module = modules.get(name);
    return module ? [{ ...module, rank: settings.r, scale: weight * scaleOf(settings), id: String(index) }] : [];
  });
}

function combineModule(name: string, terms: readonly Term[], rank: number, options: CombineOptions): AdapterModule {
  const [{ a, b, rank: own }] = terms;
  const [inputs, outputs] = [a.length / own, b.length / own];
  if (terms.some((term) => term.a.length !== term.rank * inputs || term.b.length !== term.rank * outputs)) {
    throw refuse(`adapters of ${name}`, 'factors of layers of several sizes', 'adapters of one base', 'Leave one out.');
  }
  const { form, density = 1, election = 'total', seed } = options;
  if (form === 'cat') return concatenated(terms, rank);
  if (form === 'svd') return truncatedSum(terms, rank);
  const { method, compat } = factorMethods[form](election);
  const combine = (factor: 'a' | 'b', shape: readonly number[], sign: (scale: number) => number): Float32Array =>
    runMethod(method, {
      shape,
      base: new Float32Array(shape[0] * shape[1]),
      models: terms.map((term) => term[factor]),
      parameters: terms.map(({ scale }) => ({ weight: sign(scale) * Math.sqrt(Math.abs(scale)), density })),
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

/** Ranks that nothing fills, where a layer is not in all adapters, are zero. */
function concatenated(terms: readonly Term[], rank: number): AdapterModule {
  const [{ a, b, rank: first }] = terms;
  const [inputs, outputs] = [a.length / first, b.length / first];
  const result = { a: new Float32Array(rank * inputs), b: new Float32Array(outputs * rank) };
  let done = 0;
  for (const term of terms) {
    result.a.set(
      term.a.map((value) => term.scale * value),
      done * inputs,
    );
    for (let row = 0; row < outputs; row++) {
      result.b.set(term.b.subarray(row * term.rank, (row + 1) * term.rank), row * rank + done);
    }
    done += term.rank;
  }
  return result;
}

function rankOf(parts: readonly WeightedAdapter[], { form, rank }: CombineOptions): number {
  const ranks = parts.map(({ adapter }) => adapter.settings.r);
  if (form === 'cat') return ranks.reduce((sum, r) => sum + r, 0);
  return form === 'svd' && rank !== undefined ? rank : Math.max(...ranks);
}

function targetsOf(parts: readonly WeightedAdapter[]): TargetModules {
  const targets = parts.map(({ adapter }) => adapter.settings.targetModules);
  if (targets.includes('all-linear')) return 'all-linear';
  return [...new Set(targets.flat())];
}

function assertCombinable(parts: readonly WeightedAdapter[], { form, density, rank }: CombineOptions): void {
  if (parts.length === 0) throw refuse('adapters', 'none', 'one or more', 'Name the adapters to combine.');
  for (const { adapter, weight = 1 } of parts) {
    if (!Number.isFinite(weight)) throw refuse('weight', String(weight), 'a finite number', 'Correct the weight.');
    if (hasMagnitudes(adapter.settings.method)) {
      const fix = 'Merge it into its base instead: its change is no product of two factors.';
      throw refuse('adapters', 'a DoRA adapter', 'LoRA or rsLoRA', fix);
    }
  }
  const ranks = new Set(parts.map(({ adapter }) => adapter.settings.r));
  if (form !== 'cat' && form !== 'svd' && ranks.size > 1) {
    const fix = 'Use cat or svd, which take any ranks.';
    throw refuse('adapters', `ranks ${[...ranks].join(' and ')}`, `one rank for ${form}`, fix);
  }
  if (form === 'svd' && rank !== undefined && !(Number.isSafeInteger(rank) && rank >= 1)) {
    throw refuse('rank', String(rank), 'a whole number, 1 or more', 'Correct the rank.');
  }
  if (form === 'cat' || form === 'svd' || form === 'linear') return;
  const isDrawn = form !== 'ties' && form !== 'magnitude_prune';
  if (density !== undefined && density <= 1 && (isDrawn ? density > 0 : density >= 0)) return;
  const range = isDrawn ? 'above 0 and at most 1' : 'from 0 to 1';
  throw refuse('density', String(density), `a number ${range} for ${form}`, 'Give the share of entries to keep.');
}

const refuse = (field: string, found: string, expected: string, fix: string): UsageError =>
  new UsageError({ field, found, expected, fix });
