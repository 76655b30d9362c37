/**
 * Methods that add a combination of task vectors to the base. They differ in how a task vector is thinned out, whether signs
 * are elected, and their defaults:
 *
 *   delta_i = theta_i - theta_0
 *   s_i     = sparsify(delta_i)                              rescaled to keep its L1 norm, if asked for
 *   P_i     = w_i s_i
 *   with election:  e = sign(sum_i P_i), 0 counting as +     (TIES elects on sum_i s_i under compat: paper)
 *                   mix = sum of the P_i with sign e, div = sum of their w_i
 *   without:        mix = sum_i P_i, div = sum_i w_i
 *   theta   = theta_0 + lambda mix / div                     the division with normalize
 *
 * Everything is computed in float32 and rounded once to the type of the result.
 */
import { type AnyMergeMethod, defineMethod, type MergeMethod, type ParameterSpecs } from '../../method.ts';
import { divisorCautions, sumOfWeights, weightsOf } from '../divisor.ts';
import { sharedModelParameters, sharedSettings } from './parameters.ts';
import { readOptions, type Sparsifier, type TaskStream, type Thinning } from './sparsifier.ts';

export interface TaskVectorMethod<Extra extends ParameterSpecs>
  extends Pick<MergeMethod, 'name' | 'reference' | 'equation' | 'paper'> {
  readonly sparsifier?: Sparsifier<Extra>;
  readonly election: boolean;
  readonly normalize: boolean;
  readonly rescale: boolean;
  /** Rounds of counting under `compat: paper`, for a sparsifier that looks at the whole model. */
  readonly surveys?: readonly ((tensor: TaskStream<Extra>) => Float64Array)[];
  /** Under `compat: paper` signs are elected on deltas without their weights. */
  readonly electsUnweighted?: true;
}

export function taskVectorMethod<Extra extends ParameterSpecs = Record<never, never>>(
  definition: TaskVectorMethod<Extra>,
): AnyMergeMethod {
  const { name, reference, equation, paper, surveys, sparsifier } = definition;
  return defineMethod({
    name,
    reference,
    equation,
    paper,
    surveys,
    base: 'required',
    models: [1, Number.POSITIVE_INFINITY],
    perModel: { ...sharedModelParameters, ...(sparsifier?.parameters as Extra) },
    settings: {
      ...sharedSettings,
      normalize: { ...sharedSettings.normalize, default: definition.normalize },
      rescale: { ...sharedSettings.rescale, default: definition.rescale },
    },
    check: (models, _, at) => {
      for (const parameters of models) sparsifier?.check?.(parameters, at);
    },
    cautions: (models, { normalize }) => {
      const cautions = models.some(({ density }) => density === 0)
        ? [`${name}: density 0 keeps nothing of a model's changes: it has no part in the result there.`]
        : [];
      if (!normalize) return cautions;
      const weights = weightsOf(models);
      if (!definition.election) return [...cautions, ...sumCautions(weights, name)];
      if (!weights.some((weight) => weight < 0)) return cautions;
      return [
        ...cautions,
        `${name}: normalize divides by the weights of those that agree, which negative ones may leave next to nothing of, or less. Set normalize: false to add them as they are.`,
      ];
    },
    merge: (tensor: TaskStream<Extra>) => mergeTaskVectors(tensor, definition),
  });
}

function mergeTaskVectors<Extra extends ParameterSpecs>(
  tensor: TaskStream<Extra>,
  { sparsifier, election, electsUnweighted }: TaskVectorMethod<Extra>,
): void {
  const { models, settings, kernels } = tensor;
  const weights = models.map(({ parameters }) => parameters.weight);
  const thinning = sparsifier ? sparsifier.prepare(tensor) : () => () => undefined;
  const ownRescale = tensor.compat === 'paper' && sparsifier?.rescalesItself;
  const factors =
    settings.rescale && sparsifier && !ownRescale ? magnitudeRatios(tensor, sparsifier, thinning) : undefined;
  const unweighted = election && electsUnweighted && tensor.compat === 'paper';
  const [total, divisor] = election ? [tensor.scratch(), tensor.scratch()] : [];
  const thin = thinning();
  tensor.write(
    ({ base, models: deltas, start, length }, out) => {
      deltas.forEach((delta, i) => {
        thin(i, delta, start);
        if (factors !== undefined && factors[i] !== 1) kernels.scale(delta, factors[i]);
      });
      if (total && divisor) {
        const [sum, div] = [total.subarray(0, length), divisor.subarray(0, length)];
        kernels.fill(sum, 0);
        kernels.fill(div, 0);
        for (const [i, delta] of deltas.entries()) kernels.addScaled(sum, delta, unweighted ? 1 : weights[i]);
        for (const [i, delta] of deltas.entries()) kernels.addAgreeing(out, div, delta, sum, weights[i]);
        if (settings.normalize) kernels.divideByAgreement(out, div);
      } else {
        for (const [i, delta] of deltas.entries()) kernels.addScaled(out, delta, weights[i]);
        if (settings.normalize) kernels.divide(out, safeDivisor(weights));
      }
      if (settings.lambda !== 1) kernels.scale(out, settings.lambda);
      kernels.accumulate(out, base);
    },
    readOptions(sparsifier ?? {}),
  );
}

/** As in mergekit: a sum of weights that is next to nothing does not divide. */
const divides = (sum: number): boolean => Math.abs(sum) >= 1e-8;

function safeDivisor(weights: readonly number[]): number {
  const sum = sumOfWeights(weights);
  return divides(sum) ? sum : 1;
}

function sumCautions(weights: readonly number[], name: string): readonly string[] {
  if (divides(sumOfWeights(weights))) return divisorCautions(weights, name, 'normalize');
  return [
    `${name}: the weights add up to nothing, so that normalize divides by 1, as in mergekit: changes are added as they are. Set normalize: false to say so.`,
  ];
}

/** By model, sum |delta| over sum |what is kept of it|; 1 where either is next to nothing. */
function magnitudeRatios<Extra extends ParameterSpecs>(
  tensor: TaskStream<Extra>,
  sparsifier: Sparsifier<Extra>,
  thinning: () => Thinning,
): readonly number[] {
  const { kernels } = tensor;
  const before = tensor.models.map(() => tensor.lanes());
  const after = tensor.models.map(() => tensor.lanes());
  const thin = thinning();
  tensor.read(({ models: deltas, start }) => {
    deltas.forEach((delta, i) => {
      kernels.addMagnitudes(before[i], delta);
      thin(i, delta, start);
      kernels.addMagnitudes(after[i], delta);
    });
  }, readOptions(sparsifier));
  return before.map((lanes, i) => {
    const [whole, kept] = [sumOf(lanes), sumOf(after[i])];
    return whole < 1e-7 || kept < 1e-7 ? 1 : whole / kept;
  });
}

function sumOf(lanes: Float64Array): number {
  return lanes.reduce((sum, lane) => sum + lane, 0);
}
