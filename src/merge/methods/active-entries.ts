/** Entries that a model changed by more than epsilon: alone, or together with others. */
import type { TensorStream } from '../stream/tensor-stream.ts';

type Stream = Pick<TensorStream, 'read' | 'write' | 'models'>;

/** The average of the deltas that are active at an entry; one that is alone there is multiplied by its model's factor. */
export function mergeActive(tensor: Stream, epsilon: number, aloneFactors: readonly number[]): void {
  tensor.write(
    ({ base, models: deltas }, out) => {
      for (let i = 0; i < out.length; i++) {
        let sum = 0;
        let active = 0;
        let last = 0;
        for (let model = 0; model < deltas.length; model++) {
          const delta = deltas[model][i];
          if (!(Math.abs(delta) > epsilon)) continue;
          sum += delta;
          active += 1;
          last = model;
        }
        out[i] = base[i] + (active === 1 ? sum * aloneFactors[last] : active > 1 ? sum / active : 0);
      }
    },
    { deltas: true },
  );
}

/** By model two counts: its active entries that others share, and those where it is alone. */
export function countActive(tensor: Stream, epsilon: number): Float64Array {
  const counts = new Float64Array(2 * tensor.models.length);
  tensor.read(
    ({ models: deltas, length }) => {
      for (let i = 0; i < length; i++) {
        let active = 0;
        for (const delta of deltas) if (Math.abs(delta[i]) > epsilon) active += 1;
        if (active === 0) continue;
        for (const [model, delta] of deltas.entries()) {
          if (Math.abs(delta[i]) > epsilon) counts[2 * model + (active === 1 ? 1 : 0)] += 1;
        }
      }
    },
    { deltas: true },
  );
  return counts;
}
