import { defineMethod } from '../method.ts';

/** One model's tensor, scaled if asked for: the method of depth upscaling. */
export const passthrough = defineMethod({
  name: 'passthrough',
  reference: 'Kim et al. 2024, SOLAR 10.7B, for the use of it',
  equation: 'theta = scale theta_1',
  base: 'none',
  models: [1, 1],
  perModel: {
    scale: { kind: 'number', default: 1, summary: 'factor of the tensor; 0 on o_proj and down_proj silences a layer' },
  },
  settings: {},
  merge({ models: [{ parameters }], kernels, write }) {
    write(({ models: [values] }, out) => kernels.setScaled(out, values, parameters.scale));
  },
});
