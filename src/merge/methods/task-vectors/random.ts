/**
 * Drops entries at random (DARE). A model's mask is a function of seed, tensor, model and element alone. Rescaled to the L1
 * norm as in mergekit, or divided by the keep rate as in the paper.
 */

import { createMaskWords } from './mask-words.ts';
import type { Sparsifier } from './sparsifier.ts';

export const random: Sparsifier = {
  parameters: {},
  rescalesItself: true,
  prepare(tensor) {
    const { kernels } = tensor;
    const words = createMaskWords(tensor);
    return () => (model, delta, start) => {
      const { density } = tensor.models[model].parameters;
      if (density >= 1) return;
      kernels.keepBelow(delta, words(model, start, delta.length), Math.floor(density * 2 ** 32));
      if (tensor.compat === 'paper' && tensor.settings.rescale && density > 0) kernels.divide(delta, density);
    };
  },
};
