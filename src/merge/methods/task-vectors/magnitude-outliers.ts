/**
 * Drops both ends of the magnitudes (Model Breadcrumbs): the gamma largest share as outliers, and of the rest the smallest, so
 * that density stays. Where density and gamma leave nothing to drop at the lower end, fewer outliers go.
 */
import { magnitudeOrder } from '../../selection/magnitude-order.ts';
import type { Sparsifier } from './sparsifier.ts';

const parameters = {
  gamma: { kind: 'number', default: 0.01, minimum: 0, maximum: 1, summary: 'share of the largest entries to drop' },
} as const;

export const magnitudeOutliers: Sparsifier<typeof parameters> = {
  parameters,
  prepare(tensor) {
    const { length, kernels } = tensor;
    const bands = tensor.models.map(({ parameters: { density, gamma } }) => bandOf(length, density, gamma));
    const isPart = bands.map(({ first, end }) => end > first && end - first < length);
    const statistics = isPart.includes(true)
      ? magnitudeOrder(
          bands.length,
          (_, model) => (isPart[model] ? [bands[model].first, bands[model].end - 1] : []),
          (visit) =>
            tensor.read(
              ({ models }) => {
                for (const [model, delta] of models.entries()) if (isPart[model]) visit(model, delta);
              },
              { deltas: true },
            ),
          tensor,
        )
      : bands.map(() => []);
    return () => {
      const quotas = statistics.map(([low, high], model) => {
        const quota = tensor.counts(2);
        if (low && high) quota.set([bands[model].first - low.below, bands[model].end - high.below]);
        return quota;
      });
      return (model, delta) => {
        const [low, high] = statistics[model];
        if (low && high) kernels.keepBand(delta, { low: low.bits, high: high.bits, quotas: quotas[model] });
        else if (bands[model].end <= bands[model].first) kernels.fill(delta, 0);
      };
    };
  },
};

/** Ranks [first, end) of the ascending order that stay. */
function bandOf(length: number, density: number, gamma: number): { readonly first: number; readonly end: number } {
  if (density >= 1) return { first: 0, end: length };
  const kept = Math.trunc(density * length);
  const outliers = Math.trunc(gamma * length);
  const first = Math.max(0, length - kept - outliers);
  return { first, end: first + kept };
}
