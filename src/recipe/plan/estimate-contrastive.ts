/** What a contrastive stage would take: its steps as they will be drawn, timed on the base, whose shape every model of the run has. */
import { prefixesOf } from '../../embed/measure-retrieval.ts';
import { planContrastive } from '../../stages/contrastive.ts';
import { encoderOf, type Prepared } from '../prepare.ts';
import { adapterOf, type ContrastiveStage } from '../stage.ts';
import { openLesson } from '../train-embedder.ts';
import type { EstimateParts, StageState, TrainingEstimate } from './plan-run.ts';
import { probeContrastive } from './probe-contrastive.ts';
import { shapeOfVectorStage } from './stage-shape.ts';
import { vectorOperations } from './training-operations.ts';
import { vectorMemory } from './vector-memory.ts';
import { withBaseFolder } from './with-base-folder.ts';

/** With what the stages that it starts from leave in their folders, which are not there yet. */
function withInherited(
  { name, contrastive }: ContrastiveStage,
  { vectors }: Pick<Prepared, 'vectors'>,
): Pick<ContrastiveStage, 'contrastive'> {
  const { pooling, maxLength, ...settings } = vectors.get(name)!;
  return { contrastive: { ...contrastive, pooling, max_length: maxLength, prefixes: prefixesOf(settings) } };
}

type Parts = Pick<EstimateParts, 'engine' | 'recipe' | 'prepared' | 'times' | 'signal' | 'onProgress'>;

export function estimateContrastive(
  stage: ContrastiveStage,
  state: StageState,
  { engine, recipe, prepared, times, signal, onProgress }: Parts,
): Promise<TrainingEstimate> {
  return withBaseFolder(prepared, async (folder) => {
    const inherited = withInherited(stage, prepared);
    const lesson = await openLesson(inherited, folder, { ...prepared, seed: recipe.seed });
    const { batches, schedule } = planContrastive(lesson.model, lesson.pairs, lesson.settings);
    let tokens = 0;
    for (let step = 0; step < schedule.steps; step++) tokens += batches.next().tokens;
    const { on, batch_size, hard_negatives, max_length, prefixes } = inherited.contrastive;
    const adapter = adapterOf(stage);
    const shape = JSON.stringify(['contrastive', on, batch_size, hard_negatives, max_length, prefixes, adapter]);
    if (state !== 'finished' && !times.has(shape)) {
      onProgress({ stage: `time steps of ${batch_size} queries`, step: 0, total: 0 });
      times.set(shape, await probeContrastive(engine, lesson, signal));
    }
    const time = times.get(shape);
    const { encoder, isTrained } = shapeOfVectorStage(encoderOf(prepared), stage);
    return {
      steps: schedule.steps,
      tokens,
      unpadded: tokens,
      operations: vectorOperations(encoder, tokens, isTrained),
      memory: vectorMemory(stage, prepared),
      seconds: state === 'finished' || time === undefined ? null : schedule.steps * (time.pass + time.update),
    };
  });
}
