/** Continual pretraining: next-token prediction on a mixture of sets, with replay of what must not be forgotten. */
import type { WeightSchedule } from '../data/mixing.ts';
import { BatchStream, type BatchStreamOptions } from '../data/stream.ts';
import { UsageError } from '../errors.ts';
import type { TrainedModel } from '../train/trained-model.ts';
import { countBatches, setOf, type TrainingSets } from './examples.ts';
import {
  type PlanContext,
  type StageContext,
  type StagePlan,
  type StageResult,
  scheduleOver,
  type TrainingSettings,
  trainStage,
} from './train-stage.ts';

/** Settings under the names of a recipe. */
export interface CptSettings extends TrainingSettings {
  /** Weights of the sets, by name. */
  readonly mixture: Readonly<Record<string, WeightSchedule>>;
  readonly unit: 'tokens' | 'examples';
  /** Length of the run in tokens, padding included. */
  readonly tokens: number;
  readonly max_epochs: number | null;
}

/** Trains the model in place, see `trainStage`. @throws UsageError for settings that cannot work, and as `trainStage` */
export async function cpt(
  model: TrainedModel,
  sets: TrainingSets,
  settings: CptSettings,
  context: StageContext,
): Promise<StageResult> {
  return trainStage(model, planCpt(model, sets, settings, context), settings, context);
}

/** What is learnt, and over how many steps. */
export function planCpt(
  { tokenizer }: Pick<TrainedModel, 'tokenizer'>,
  sets: TrainingSets,
  settings: CptSettings,
  { seed, onWarning }: PlanContext,
): StagePlan {
  const { rows, length, gradient_accumulation_steps: passes } = settings.batch;
  const options: BatchStreamOptions = {
    rows,
    length,
    seed,
    unit: settings.unit,
    total: settings.unit === 'tokens' ? settings.tokens : undefined,
    endId: tokenizer?.eosId,
    padId: tokenizer?.padId,
  };
  const wanted = wholeSteps(settings);
  let steps = wanted;
  if (settings.max_epochs !== null) {
    const counted = new BatchStream(sourcesOf(settings, sets), options);
    steps = Math.ceil(countBatches(counted, wanted * passes) / passes);
    if (steps < wanted)
      onWarning(`every set reaches max_epochs: ${steps} steps are planned where tokens make ${wanted}`);
  }
  const told = { ...options, onWarning: ({ message }: { readonly message: string }) => onWarning(message) };
  const batches = new BatchStream(sourcesOf(settings, sets), told);
  return { sets, batches, schedule: scheduleOver(steps, settings) };
}

/** Whole steps that the run's tokens make. */
function wholeSteps({ batch, tokens }: CptSettings): number {
  const tokensPerStep = batch.rows * batch.length * batch.gradient_accumulation_steps;
  if (tokens >= tokensPerStep) return Math.floor(tokens / tokensPerStep);
  throw new UsageError({
    field: 'tokens',
    found: String(tokens),
    expected: `at least the ${tokensPerStep} tokens of one step`,
    fix: 'Train on more tokens, or make batch.rows, batch.length or gradient_accumulation_steps smaller.',
  });
}

function sourcesOf({ mixture, max_epochs }: CptSettings, sets: TrainingSets) {
  return Object.entries(mixture).map(([name, weight]) => {
    return { name, store: setOf(name, sets).train, weight, maxEpochs: max_epochs ?? undefined };
  });
}
