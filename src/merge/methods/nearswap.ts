import { defineMethod } from '../method.ts';

/** Moves every entry of the base towards the other model by at most t. */
export const nearswap = defineMethod({
  name: 'nearswap',
  reference: 'Goddard et al. 2024, Arcee’s MergeKit',
  equation: 'theta = theta_0 + l (theta_1 - theta_0), l = clamp(t / |theta_1 - theta_0|, 0, 1)',
  base: 'required',
  models: [1, 1],
  perModel: {},
  settings: { t: { kind: 'number', minimum: 0, summary: 'farthest that an entry may move' } },
  merge({ settings: { t }, write }) {
    write(({ base, models: [other] }, out) => {
      for (let i = 0; i < out.length; i++) {
        const share = Math.min(1, t / Math.max(Math.abs(base[i] - other[i]), 1e-6));
        out[i] = share * other[i] + (1 - share) * base[i];
      }
    });
  },
});
