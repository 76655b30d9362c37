/** Entries that a model changed by more than epsilon: alone, or together with others. */
import type { TensorStream } from '../stream/tensor-stream.ts';

type Stream = Pick<TensorStream, 'read' | 'write' | 'models'>;

const f32 = Math.fround;

/**
 * The average of the deltas that are active at an entry; one that is alone there is multiplied by its model's factor. Rounded
 * where mergekit rounds: each delta is divided by itself, and then they are added in the order of the models.
 */
export function mergeActive(tensor: Stream, epsilon: number, aloneFactors: readonly number[]): void {
  tensor.write(
    ({ base, models: deltas }, out) => {
      for (let i = 0; i < out.length; i++) {
        let active = 0;
        for (const delta of deltas) if (Math.abs(delta[i]) > epsilon) active += 1;
        let sum = 0;
        if (active > 0) {
          for (let model = 0; model < deltas.length; model++) {
            const delta = deltas[model][i];
            if (!(Math.abs(delta) > epsilon)) continue;
            sum = f32(sum + f32(active === 1 ? delta * aloneFactors[model] : delta / active));
          }
        }
        out[i] = base[i] + sum;
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
