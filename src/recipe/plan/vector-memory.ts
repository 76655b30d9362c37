/** What the contrastive stages of a run will take of the machine's memory. */
import { predictContrastiveMemory } from '../../objectives/contrastive/memory.ts';
import { encoderOf, type Prepared } from '../prepare.ts';
import type { ContrastiveStage } from '../stage.ts';
import { shapeOfVectorStage } from './stage-shape.ts';

/** Greatest resident memory in bytes, of what the stage itself needs. */
export function vectorMemory(
  stage: ContrastiveStage,
  { pairs, vectors, ...prepared }: Pick<Prepared, 'encoder' | 'pairs' | 'vectors'>,
): number {
  const { on, batch_size, hard_negatives } = stage.contrastive;
  const { maxLength, prefixTokens } = vectors.get(stage.name)!;
  let [count, negatives] = [0, 0];
  for (const { train } of on.map((name) => pairs.get(name)!)) {
    count += train.length;
    for (const pair of train) negatives = Math.max(negatives, pair.negatives.length);
  }
  // Of what is asked for, so much as there is.
  const texts = Math.min(batch_size, count) * (2 + Math.min(hard_negatives, negatives));
  const lengths = on.flatMap((name) => pairs.get(name)!.lengths);
  const { encoder, isTrained } = shapeOfVectorStage(encoderOf(prepared), stage);
  return predictContrastiveMemory(encoder, {
    lengths: lengths.map((length) => Math.min(length + prefixTokens, maxLength)),
    texts,
    isTrained,
  });
}
