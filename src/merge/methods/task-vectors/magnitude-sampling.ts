/**
 * Drops entries at random, small ones more often (DELLA's MagPrune): in each row the keep probability rises with the rank of
 * the magnitude from density - epsilon to density + epsilon.
 */
import { UsageError } from '../../../errors.ts';
import { rankScratchLength } from '../../kernels/kernels.ts';
import { createMaskWords } from './mask-words.ts';
import type { Sparsifier } from './sparsifier.ts';

const parameters = {
  epsilon: { kind: 'number', default: 0.15, minimum: 0, maximum: 0.5, summary: 'half the range of keep probabilities' },
} as const;

export const magnitudeSampling: Sparsifier<typeof parameters> = {
  parameters,
  rows: true,
  rescalesItself: true,
  check({ density, epsilon }, at) {
    if (density <= 0 || density >= 1 || (density - epsilon > 0 && density + epsilon < 1)) return;
    throw new UsageError({
      field: `${at}, epsilon`,
      found: `density ${density} with epsilon ${epsilon}`,
      expected: 'keep probabilities density - epsilon and density + epsilon between 0 and 1',
      fix: `Choose epsilon below ${Math.min(density, 1 - density).toPrecision(3)}.`,
    });
  },
  prepare(tensor) {
    const { kernels, rowLength, models } = tensor;
    const words = createMaskWords(tensor);
    const scratch = tensor.counts(rankScratchLength(rowLength));
    const inverse = tensor.compat === 'paper' && tensor.settings.rescale;
    return () => (model, delta, start) => {
      const { density, epsilon } = models[model].parameters;
      if (density >= 1) return;
      if (density <= 0) return kernels.fill(delta, 0);
      const random = words(model, start, delta.length);
      // A row of one entry has no ranks; it stays with the density itself.
      const [lowest, step] = rowLength > 1 ? [density - epsilon, (2 * epsilon) / (rowLength - 1)] : [density, 0];
      for (let at = 0; at < delta.length; at += rowLength) {
        const row = delta.subarray(at, at + rowLength);
        kernels.keepByRank(row, random.subarray(at, at + rowLength), { lowest, step, inverse }, scratch);
      }
    };
  },
};
