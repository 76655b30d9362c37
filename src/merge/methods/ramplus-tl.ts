import { defineMethod } from '../method.ts';
import { countActive, mergeActive } from './active-entries.ts';
import { clamp } from './sphere.ts';

const f32 = Math.fround;

const epsilon = { kind: 'number', default: 1e-5, minimum: 0, summary: 'change that counts as one' } as const;

/** RAM that strengthens what a model changed alone, the more the larger the share of its changes that others touch. */
export const ramplusTl = defineMethod({
  name: 'ramplus_tl',
  reference: 'RAM: reinforced agent merging, 2026 (arXiv 2601.13572)',
  equation: 'theta as in ram, a lone delta_i times 1 + r clamp(p_i, 0, alpha), p_i = shared_i / max(lone_i, epsilon)',
  paper: 'p_i counts entries of the whole model instead of each tensor',
  base: 'required',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: {},
  settings: {
    r: { kind: 'number', default: 0.1, summary: 'how much lone changes are strengthened' },
    alpha: { kind: 'number', default: 0.2, minimum: 0, summary: 'limit of p' },
    epsilon,
  },
  surveys: [(tensor) => countActive(tensor, tensor.settings.epsilon)],
  merge(tensor) {
    const { r, alpha, epsilon: least } = tensor.settings;
    const counts = tensor.compat === 'paper' ? tensor.surveys[0] : countActive(tensor, least);
    const factors = tensor.models.map((_, model) => {
      const [shared, lone] = counts.subarray(2 * model, 2 * model + 2);
      // In float32, as in mergekit.
      const share = clamp(f32(shared / f32(Math.max(lone, least))), 0, f32(alpha));
      return f32(1 + f32(f32(r) * share));
    });
    mergeActive(tensor, least, factors);
  },
});
