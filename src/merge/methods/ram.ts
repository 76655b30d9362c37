import { defineMethod } from '../method.ts';
import { mergeActive } from './active-entries.ts';

/** Keeps what one model alone changed as it is, and averages what several changed. */
export const ram = defineMethod({
  name: 'ram',
  reference: 'RAM: reinforced agent merging, 2026 (arXiv 2601.13572)',
  equation: 'theta = theta_0 + mean of the delta_i with |delta_i| > epsilon',
  base: 'required',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: {},
  settings: { epsilon: { kind: 'number', default: 1e-5, minimum: 0, summary: 'change that counts as one' } },
  merge(tensor) {
    mergeActive(
      tensor,
      tensor.settings.epsilon,
      tensor.models.map(() => 1),
    );
  },
});
