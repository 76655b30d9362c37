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
  const lengths = on.flatMap((name) => pairs.get(name)!.lengths).map((length) => Math.min(length, most));
  return predictContrastiveMemory(encoder, { lengths, texts: batch_size * (2 + hard_negatives) });
}
