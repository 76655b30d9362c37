import { defineMethod } from '../method.ts';
import { divisorCautions, requireDivisor, sumOfWeights, weightsOf } from './divisor.ts';

/** A weighted average of the weights themselves. */
export const linear = defineMethod({
  name: 'linear',
  reference: 'Wortsman et al. 2022, Model soups',
  equation: 'theta = sum_i w_i theta_i, divided by sum_i w_i with normalize',
  base: 'none',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: { weight: { kind: 'number', summary: 'weight of the model' } },
  settings: { normalize: { kind: 'boolean', default: true, summary: 'divide by the sum of the weights' } },
  check: (models, { normalize }, at) => {
    if (normalize) requireDivisor(weightsOf(models), at, 'normalize');
  },
  cautions: (models, { normalize }) => (normalize ? divisorCautions(weightsOf(models), 'linear', 'normalize') : []),
  merge({ models, settings, kernels, write }) {
    const weights = models.map(({ parameters }) => parameters.weight);
    const total = sumOfWeights(weights);
    write((piece, out) => {
      for (const [i, values] of piece.models.entries()) kernels.addFused(out, values, weights[i]);
      if (settings.normalize) kernels.divide(out, total);
    });
  },
});
