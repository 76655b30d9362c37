/** What the contrastive stages of a run will take of the machine's memory. */
import { predictContrastiveMemory } from '../../objectives/contrastive/memory.ts';
import type { Prepared } from '../prepare.ts';
import type { ContrastiveStage } from '../stage.ts';

/** Greatest resident memory in bytes, of what the stage itself needs. */
export function vectorMemory(
  { contrastive: { on, max_length, batch_size, hard_negatives } }: Pick<ContrastiveStage, 'contrastive'>,
  { encoder, pairs }: Pick<Prepared, 'encoder' | 'pairs'>,
): number {
  const most = Math.min(max_length ?? Number.POSITIVE_INFINITY, encoder.sizes.positions);
  let [count, negatives] = [0, 0];
  for (const { train } of on.map((name) => pairs.get(name)!)) {
    count += train.length;
    for (const pair of train) negatives = Math.max(negatives, pair.negatives.length);
  }
  // Of what is asked for, so much as there is.
  const texts = Math.min(batch_size, count) * (2 + Math.min(hard_negatives, negatives));
  const lengths = on.flatMap((name) => pairs.get(name)!.lengths).map((length) => Math.min(length, most));
  return predictContrastiveMemory(encoder, { lengths, texts });
}
