/**
 * The forms in which PEFT combines adapters (Mangrulkar et al., PEFT, `add_weighted_adapter`), under its names. Those that thin
 * out are task-vector methods over a base of zeros, with another majority: signs are elected on what was kept, without
 * weights, and the weighted sum of those that agree is divided by how many they are.
 */
import { UsageError } from '../../errors.ts';
import { type AnyMergeMethod, type Compatibility, defineMethod } from '../method.ts';
import { dareLinear } from '../methods/dare-linear.ts';
import { taskArithmetic } from '../methods/task-arithmetic.ts';
import { magnitude } from '../methods/task-vectors/magnitude.ts';
import { sharedModelParameters, sharedSettings } from '../methods/task-vectors/parameters.ts';
import { random } from '../methods/task-vectors/random.ts';
import { readOptions, type Sparsifier, type TaskStream } from '../methods/task-vectors/sparsifier.ts';
import { taskVectorMethod } from '../methods/task-vectors/task-vector-method.ts';

const reference = 'Mangrulkar et al. 2022, PEFT';

/** Signs by the sum of the entries, or by how many there are of each. */
export const elections = ['total', 'frequency'] as const;
type Election = (typeof elections)[number];

const magnitudePrune = taskVectorMethod({
  name: 'magnitude_prune',
  reference,
  equation: 'theta = sum_i w_i trim(theta_i)',
  sparsifier: magnitude,
  election: false,
  normalize: false,
  rescale: false,
});

/** Of methods that thin out by `sparsifier`. */
function majorityMethod(name: string, sparsifier: Sparsifier, election: Election): AnyMergeMethod {
  return defineMethod({
    name,
    reference,
    equation:
      'theta = sum_{i agrees} w_i s_i / number of i that agree, s_i = sparsify(theta_i), signs elected on the s_i',
    base: 'required',
    models: [1, Number.POSITIVE_INFINITY],
    perModel: sharedModelParameters,
    settings: { ...sharedSettings, rescale: { ...sharedSettings.rescale, default: true } },
    merge(tensor: TaskStream) {
      const weights = tensor.models.map(({ parameters }) => parameters.weight);
      const thin = sparsifier.prepare(tensor)();
      const votes = { total: (entry: number) => entry, frequency: Math.sign }[election];
      tensor.write(({ models: deltas, start }, out) => {
        for (const [i, delta] of deltas.entries()) thin(i, delta, start);
        for (let at = 0; at < out.length; at++) out[at] = meanOfMajority(deltas, at, weights, votes);
      }, readOptions(sparsifier));
    },
  });
}

/** A tie is positive. */
function meanOfMajority(
  deltas: readonly Float32Array[],
  at: number,
  weights: readonly number[],
  vote: (entry: number) => number,
): number {
  let [ballot, sum, count] = [0, 0, 0];
  for (let i = 0; i < deltas.length; i++) ballot += vote(deltas[i][at]);
  const sign = ballot >= 0 ? 1 : -1;
  for (let i = 0; i < deltas.length; i++) {
    const entry = deltas[i][at];
    if (Math.sign(entry) !== sign) continue;
    sum += weights[i] * entry;
    count += 1;
  }
  return sum / Math.max(1, count);
}

/** What a form may be told. */
export interface FormOptions {
  /** Share of the entries that is kept. */
  readonly density?: number;
  /** Default `total`. */
  readonly election?: Election;
  /** Of the result. Default the largest of the adapters' ranks. */
  readonly rank?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A method of merging, and the reading of its sparsifier that is PEFT's. */
interface Rule {
  readonly method: (election: Election) => AnyMergeMethod;
  readonly compat: Compatibility;
  readonly takes: readonly (keyof FormOptions)[];
}

interface CombinationForm extends Partial<Pick<Rule, 'method' | 'compat'>>, Pick<Rule, 'takes'> {
  /**
   * What is combined: the ranks of all adapters stand side by side; their sum is cut to a rank; A and B are combined for
   * themselves; or the changes s B A are, and the result is cut to a rank.
   */
  readonly of: 'ranks' | 'sum' | 'factors' | 'changes';
}

const linear: Rule = { method: () => taskArithmetic, compat: 'mergekit', takes: [] };
const pruning: Rule = { method: () => magnitudePrune, compat: 'mergekit', takes: ['density'] };
const ties: Rule = {
  method: (election) => majorityMethod('ties', magnitude, election),
  compat: 'mergekit',
  takes: ['density', 'election'],
};
/** Divided by the density, as in the paper. */
const dare: Rule = { method: () => dareLinear, compat: 'paper', takes: ['density', 'seed'] };
const dareTies: Rule = {
  method: (election) => majorityMethod('dare_ties', random, election),
  compat: 'paper',
  takes: ['density', 'election', 'seed'],
};

const ofFactors = (rule: Rule) => ({ ...rule, of: 'factors' }) as const;
const ofChanges = (rule: Rule) => ({ ...rule, of: 'changes', takes: [...rule.takes, 'rank'] }) as const;

export const combinationForms = {
  cat: { of: 'ranks', takes: [] },
  svd: { of: 'sum', takes: ['rank'] },
  linear: ofFactors(linear),
  magnitude_prune: ofFactors(pruning),
  magnitude_prune_svd: ofChanges(pruning),
  ties: ofFactors(ties),
  ties_svd: ofChanges(ties),
  dare_linear: ofFactors(dare),
  dare_linear_svd: ofChanges(dare),
  dare_ties: ofFactors(dareTies),
  dare_ties_svd: ofChanges(dareTies),
} as const satisfies Readonly<Record<string, CombinationForm>>;

export type CombinationFormName = keyof typeof combinationForms;

/**
 * @param field what an option is called where it was given
 * @throws UsageError for an option that the form does not have, or a density or rank out of its range
 */
export function requireFormOptions(
  form: CombinationFormName,
  options: FormOptions,
  field: (option: keyof FormOptions) => string,
): void {
  const { density, rank } = options;
  const takes: readonly (keyof FormOptions)[] = combinationForms[form].takes;
  for (const name of ['density', 'election', 'rank', 'seed'] as const) {
    if (options[name] === undefined || takes.includes(name)) continue;
    const found = String(options[name]);
    throw refuse(field(name), found, `nothing, as ${form} has no ${name}`, 'Leave it out, or choose another form.');
  }
  if (rank !== undefined && !(Number.isSafeInteger(rank) && rank >= 1)) {
    throw refuse(field('rank'), String(rank), 'a whole number, 1 or more', 'Correct the rank.');
  }
  if (!takes.includes('density')) return;
  if (density !== undefined && density > 0 && density <= 1) return;
  const found = density === undefined ? 'nothing' : String(density);
  const expected = `a number above 0 and at most 1 for ${form}`;
  throw refuse(field('density'), found, expected, 'Give the share of entries to keep.');
}

const refuse = (field: string, found: string, expected: string, fix: string): UsageError =>
  new UsageError({ field, found, expected, fix });
