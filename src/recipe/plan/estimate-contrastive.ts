/** What a contrastive stage would take: its steps as they will be drawn, timed on the base, whose shape every model of the run has. */
import { planContrastive } from '../../stages/contrastive.ts';
import type { Recipe } from '../schema/recipe.ts';
import { type ContrastiveStage, isContrastiveStage } from '../stage.ts';
import { openLesson } from '../train-embedder.ts';
import type { EstimateParts, StageState, TrainingEstimate } from './plan-run.ts';
import { probeContrastive } from './probe-contrastive.ts';
import { vectorOperations } from './training-operations.ts';
import { vectorMemory } from './vector-memory.ts';
import { withBaseFolder } from './with-base-folder.ts';

/** With what the stages that it starts from leave in their folders, which are not there yet. */
function withInherited(stage: ContrastiveStage, recipe: Recipe): Pick<ContrastiveStage, 'contrastive'> {
  const before = recipe.stages.filter(isContrastiveStage).find(({ name }) => name === stage.from);
  if (before === undefined) return stage;
  const { pooling, max_length, prefixes } = withInherited(before, recipe).contrastive;
  const { contrastive: own } = stage;
  return {
    contrastive: {
      ...own,
      pooling: own.pooling ?? pooling,
      max_length: own.max_length ?? max_length,
      prefixes: {
        query: own.prefixes.query ?? prefixes.query,
        document: own.prefixes.document ?? prefixes.document,
      },
    },
  };
}

type Parts = Pick<EstimateParts, 'engine' | 'recipe' | 'prepared' | 'times' | 'signal' | 'onProgress'>;

export function estimateContrastive(
  stage: ContrastiveStage,
  state: StageState,
  { engine, recipe, prepared, times, signal, onProgress }: Parts,
): Promise<TrainingEstimate> {
  return withBaseFolder(prepared, async (folder) => {
    const lesson = await openLesson(withInherited(stage, recipe), folder, { ...prepared, seed: recipe.seed });
    const { batches, schedule } = planContrastive(lesson.model, lesson.pairs, lesson.settings);
    let tokens = 0;
    for (let step = 0; step < schedule.steps; step++) tokens += batches.next().tokens;
    const { on, batch_size, hard_negatives } = stage.contrastive;
    const max_length = lesson.model.settings.maxLength ?? null;
    const { prefixes } = lesson.settings;
    const shape = JSON.stringify(['contrastive', on, batch_size, hard_negatives, max_length, prefixes]);
    if (state !== 'finished' && !times.has(shape)) {
      onProgress({ stage: `time steps of ${batch_size} queries`, step: 0, total: 0 });
      times.set(shape, await probeContrastive(engine, lesson, signal));
    }
    const time = times.get(shape);
    return {
      steps: schedule.steps,
      tokens,
      unpadded: tokens,
      operations: vectorOperations(prepared.encoder, tokens),
      memory: vectorMemory({ contrastive: { ...stage.contrastive, max_length } }, prepared),
      seconds: state === 'finished' || time === undefined ? null : schedule.steps * (time.pass + time.update),
    };
  });
}
