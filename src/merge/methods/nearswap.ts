import { defineMethod } from '../method.ts';

const f32 = Math.fround;

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
    const [step, least] = [f32(t), f32(1e-6)];
    write(({ base, models: [other] }, out) => {
      // Rounded where mergekit rounds, which divides by multiplying with the reciprocal.
      for (let i = 0; i < out.length; i++) {
        const share = Math.min(1, f32(step * f32(1 / Math.max(Math.abs(f32(base[i] - other[i])), least))));
        out[i] = f32(share * other[i]) + f32(f32(1 - share) * base[i]);
      }
    });
  },
});
