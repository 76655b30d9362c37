/**
 * NEFTune (Jain et al. 2023, arXiv:2310.05914): uniform noise on the embeddings of a tuning run, in [-1, 1] times
 * alpha / sqrt(L d) for examples of L tokens and d hidden values, so that the noise of an example has the same expected
 * norm whatever its length. Answers then follow the wording of the examples less closely.
 */
import type { PackedBatch } from '../data/packed-batch.ts';
import { stream } from '../random/stream.ts';
import type { BatchPlace } from './train-stage.ts';

type SegmentedBatch = Pick<PackedBatch, 'segments' | 'rows' | 'length'>;

/** Adds noise to `embedded` [rows * length, hidden], each segment of a row being an example; padding stays as it is. */
export function addEmbeddingNoise(
  embedded: Float32Array,
  { segments, rows, length }: SegmentedBatch,
  { alpha, seed, at }: { readonly alpha: number; readonly seed: number; readonly at: BatchPlace },
): void {
  const random = stream(seed, 'neftune', at.step, at.batch);
  const hidden = embedded.length / (rows * length);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * length;
    for (let start = row * length; start < end; ) {
      let next = start + 1;
      while (next < end && segments[next] === segments[start]) next++;
      if (segments[start] !== 0) {
        const scale = alpha / Math.sqrt((next - start) * hidden);
        for (let i = start * hidden; i < next * hidden; i++) embedded[i] += scale * (2 * random.float() - 1);
      }
      start = next;
    }
  }
}
