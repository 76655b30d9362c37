/** Continual pretraining: next-token prediction on a mixture of sets, with replay of what must not be forgotten. */
import type { WeightSchedule } from '../data/mixing.ts';
import { BatchStream } from '../data/stream.ts';
import { UsageError } from '../errors.ts';
import type { TrainedModel } from '../train/trained-model.ts';
import type { TrainingSets } from './examples.ts';
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
  const plan = planCpt(model, sets, settings, context);
  const result = await trainStage(model, plan, settings, context);
  const { steps } = plan.schedule;
  if (result.steps < steps && result.stopped === undefined) {
    context.onWarning(`every set reached max_epochs: the run ended after ${result.steps} of ${steps} steps`);
  }
  return result;
}

/** What is learnt, and over how many steps. */
export function planCpt(
  { tokenizer }: Pick<TrainedModel, 'tokenizer'>,
  sets: TrainingSets,
  settings: CptSettings,
  { seed, onWarning }: PlanContext,
): StagePlan {
  const { rows, length } = settings.batch;
  const schedule = scheduleOver(wholeSteps(settings), settings);
  const batches = new BatchStream(sourcesOf(settings, sets), {
    rows,
    length,
    seed,
    unit: settings.unit,
    total: settings.unit === 'tokens' ? settings.tokens : undefined,
    endId: tokenizer?.eosId,
    padId: tokenizer?.padId,
    onWarning: ({ message }) => onWarning(message),
  });
  return { batches, schedule };
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
    const set = sets.get(name);
    if (!set) throw new Error(`the mixture names the set ${name}, which was not loaded`);
    return { name, store: set.train, weight, maxEpochs: max_epochs ?? undefined };
  });
}
