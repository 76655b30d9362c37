/**
 * How PEFT's forms make one factor of the factors of several adapters (Mangrulkar et al., PEFT, `add_weighted_adapter`). They
 * are task-vector methods over a base of zeroes, with another majority: signs are elected on what was kept, without weights,
 * and the weighted sum of those that agree is divided by how many they are.
 */
import { type AnyMergeMethod, defineMethod } from '../method.ts';
import { dareLinear } from '../methods/dare-linear.ts';
import { taskArithmetic } from '../methods/task-arithmetic.ts';
import { magnitude } from '../methods/task-vectors/magnitude.ts';
import { sharedModelParameters, sharedSettings } from '../methods/task-vectors/parameters.ts';
import { random } from '../methods/task-vectors/random.ts';
import { readOptions, type Sparsifier, type TaskStream } from '../methods/task-vectors/sparsifier.ts';
import { taskVectorMethod } from '../methods/task-vectors/task-vector-method.ts';

const reference = 'Mangrulkar et al. 2022, PEFT';

/** Signs by the sum of the entries, or by how many there are of each. */
export type Election = 'total' | 'frequency';

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
      tensor.write(({ models: deltas, start }, out) => {
        for (const [i, delta] of deltas.entries()) thin(i, delta, start);
        for (let at = 0; at < out.length; at++) {
          const entries = deltas.map((delta) => delta[at]);
          out[at] = meanOfMajority(entries, weights, election);
        }
      }, readOptions(sparsifier));
    },
  });
}

/** A tie is positive. */
function meanOfMajority(entries: readonly number[], weights: readonly number[], election: Election): number {
  const votes = election === 'total' ? entries : entries.map(Math.sign);
  const sign = votes.reduce((sum, vote) => sum + vote, 0) >= 0 ? 1 : -1;
  let [sum, count] = [0, 0];
  for (const [i, entry] of entries.entries()) {
    if (Math.sign(entry) !== sign) continue;
    sum += weights[i] * entry;
    count += 1;
  }
  return sum / Math.max(1, count);
}

/** By form: the method, and the reading of its sparsifier that is PEFT's. */
export const factorMethods = {
  linear: () => ({ method: taskArithmetic, compat: 'mergekit' }),
  magnitude_prune: () => ({ method: magnitudePrune, compat: 'mergekit' }),
  ties: (election) => ({ method: majorityMethod('ties', magnitude, election), compat: 'mergekit' }),
  // Divided by the density, as in the paper.
  dare_linear: () => ({ method: dareLinear, compat: 'paper' }),
  dare_ties: (election) => ({ method: majorityMethod('dare_ties', random, election), compat: 'paper' }),
} as const satisfies Readonly<
  Record<string, (election: Election) => { readonly method: AnyMergeMethod; readonly compat: 'mergekit' | 'paper' }>
>;
