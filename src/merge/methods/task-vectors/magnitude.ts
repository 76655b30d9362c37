/**
 * Keeps the entries of largest magnitude: the trim of TIES, exactly as many as asked for, equal ones by their index. As in
 * mergekit, at least one of every tensor stays, unless density is 0.
 */
import { magnitudeOrder, type TopThreshold, topThreshold } from '../../selection/magnitude-order.ts';
import { prepareGlobalTrim } from './global-trim.ts';
import type { Sparsifier, TaskStream } from './sparsifier.ts';

export const magnitude: Sparsifier = {
  parameters: {},
  prepare(tensor) {
    if (tensor.compat === 'paper') return prepareGlobalTrim(tensor);
    const { length, kernels } = tensor;
    const densities = tensor.models.map(({ parameters }) => parameters.density);
    const kept = densities.map((density) => (density > 0 ? Math.max(1, Math.trunc(density * length)) : 0));
    const thresholds = topThresholds(tensor, kept);
    return () => {
      const quotas = thresholds.map((top) => top?.quota ?? 0);
      return (model, delta) => {
        const top = thresholds[model];
        if (top) quotas[model] = kernels.keepLargest(delta, top.threshold, quotas[model]);
        else if (kept[model] === 0) kernels.fill(delta, 0);
      };
    };
  },
};

/** By model; undefined where all or nothing is kept. */
function topThresholds(tensor: TaskStream, kept: readonly number[]): readonly (TopThreshold | undefined)[] {
  const { length } = tensor;
  const isPart = kept.map((count) => count > 0 && count < length);
  if (!isPart.includes(true)) return kept.map(() => undefined);
  const statistics = magnitudeOrder(
    kept.length,
    (_, model) => (isPart[model] ? [length - kept[model]] : []),
    (visit) =>
      tensor.read(
        ({ models }) => {
          for (const [model, delta] of models.entries()) if (isPart[model]) visit(model, delta);
        },
        { deltas: true },
      ),
    tensor,
  );
  return statistics.map(([statistic], model) => statistic && topThreshold(statistic, length, kept[model]));
}
