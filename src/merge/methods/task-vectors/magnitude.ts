/** Keeps the entries of largest magnitude: the trim of TIES, exactly as many as asked for, equal ones by their index. */
import { magnitudeOrder, type TopThreshold, topThreshold } from '../../selection/magnitude-order.ts';
import type { Sparsifier } from './sparsifier.ts';

export const magnitude: Sparsifier = {
  parameters: {},
  prepare(tensor) {
    const { length, kernels } = tensor;
    const kept = tensor.models.map(({ parameters: { density } }) => Math.trunc(density * length));
    const thinned = tensor.models.map(({ parameters: { density } }) => density < 1);
    const statistics = magnitudeOrder(
      kept.map((count, i) => (thinned[i] && count > 0 ? [length - count] : [])),
      (visit) =>
        tensor.read(
          ({ models }) =>
            models.forEach((delta, i) => {
              if (thinned[i] && kept[i] > 0) visit(i, delta);
            }),
          { deltas: true },
        ),
      tensor,
    );
    const thresholds = statistics.map(([statistic], i): TopThreshold | undefined =>
      statistic === undefined ? undefined : topThreshold(statistic, length, kept[i]),
    );
    return () => {
      const quotas = thresholds.map((top) => top?.quota ?? 0);
      return (model, delta) => {
        const top = thresholds[model];
        if (top) quotas[model] = kernels.keepLargest(delta, top.threshold, quotas[model]);
        // A tensor so small that nothing of it is kept.
        else if (thinned[model]) kernels.fill(delta, 0);
      };
    };
  },
};
