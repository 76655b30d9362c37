import { UsageError } from '../../errors.ts';
import { defineMethod } from '../method.ts';
import { gramMatrix } from '../selection/gram.ts';
import { divisorCautions, requireDivisor, weightsOf } from './divisor.ts';
import { inner, plus, times } from './span.ts';

/** A weighted mean of directions of any number of models, one step from their normalised sum along the sphere. */
export const multislerp = defineMethod({
  name: 'multislerp',
  reference: 'Goddard et al. 2024, Arcee’s MergeKit',
  equation:
    'm = norm(sum_i w_i u_i), v = sum_i w_i (u_i - (u_i . m) m), theta = (sum_i w_i |x_i|) (m cos|v| + v sin|v|/|v|), u_i = x_i/|x_i|',
  base: 'optional',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: { weight: { kind: 'number', summary: 'weight of the model' } },
  settings: {
    normalize_weights: { kind: 'boolean', default: true, summary: 'divide the weights by their sum' },
    eps: { kind: 'number', default: 1e-8, minimum: 0, summary: 'length below which a vector has no direction' },
  },
  check: (models, settings, at) => {
    if (models.length > 1 && settings.normalize_weights) requireDivisor(weightsOf(models), at, 'normalize_weights');
  },
  cautions: (models, settings) =>
    settings.normalize_weights ? divisorCautions(weightsOf(models), 'multislerp', 'normalize_weights') : [],
  merge(tensor) {
    const { kernels, hasBase, models, settings } = tensor;
    const given = models.map(({ parameters }) => parameters.weight);
    const total = settings.normalize_weights ? given.reduce((sum, weight) => sum + weight, 0) : 1;
    const weights = given.map((weight) => weight / total);
    const gram = gramMatrix(tensor, models.length, (piece) => piece.models, { deltas: hasBase });
    const factors = combine(gram, weights, settings.eps, tensor.name);
    tensor.write(
      (piece, out) => {
        for (const [i, values] of piece.models.entries()) kernels.addScaled(out, values, factors[i]);
        if (hasBase) kernels.accumulate(out, piece.base);
      },
      { deltas: hasBase },
    );
  },
});

/** Factors of the models: every vector of the method lies in their span. */
function combine(
  gram: readonly (readonly number[])[],
  weights: readonly number[],
  eps: number,
  name: string,
): readonly number[] {
  // As in mergekit: between one there is nothing to do, whatever its weight.
  if (weights.length === 1) return [1];
  const lengths = weights.map((_, i) => Math.sqrt(gram[i][i]));
  const sum = weights.map((weight, i) => weight / (lengths[i] + eps));
  const size = Math.sqrt(Math.max(0, inner(sum, sum, gram)));
  if (!(size >= eps)) {
    // Nothing but zeroes, or two opposite directions: a straight line goes through the middle.
    if (weights.length === 2 || lengths.every((length) => length < eps)) return weights;
    throw new UsageError({
      field: `tensor ${JSON.stringify(name)}, multislerp`,
      found: 'directions that cancel each other',
      expected: 'a sum of directions that points somewhere',
      fix: 'Change the weights, or choose linear.',
    });
  }
  const middle = times(sum, 1 / size);
  const tangent = weights
    .map((weight, i) => {
      const unit = weights.map((_, j) => (i === j ? 1 / (lengths[i] + eps) : 0));
      return times(plus(unit, times(middle, -inner(unit, middle, gram))), weight);
    })
    .reduce(plus);
  const angle = Math.sqrt(Math.max(0, inner(tangent, tangent, gram))) + eps;
  const scale = weights.reduce((all, weight, i) => all + weight * lengths[i], 0);
  return times(plus(times(middle, Math.cos(angle)), times(tangent, angle > 0 ? Math.sin(angle) / angle : 1)), scale);
}
