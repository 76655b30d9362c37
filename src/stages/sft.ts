/** Supervised fine-tuning: what an assistant says in conversations, learnt in a number of passes over all of them. */
import { BatchStream } from '../data/stream.ts';
import { UsageError } from '../errors.ts';
import type { TrainedModel } from '../train/trained-model.ts';
import { conversationSources, countBatches, documentSources, padOf, setOf, type TrainingSets } from './examples.ts';
import { addEmbeddingNoise } from './neftune.ts';
import {
  type DecoderPlan,
  type PlanContext,
  type StageContext,
  type StagePlan,
  type StageResult,
  scheduleOver,
  type TrainingSettings,
  trainStage,
} from './train-stage.ts';

/** Settings under the names of a recipe. */
export interface SftSettings extends TrainingSettings {
  /** Sets of conversations; all are read to their end in every pass. */
  readonly on: readonly string[];
  /** Sets of documents learnt beside them, and pieces of each for one conversation. */
  readonly replay: Readonly<Record<string, number>>;
  readonly num_train_epochs: number;
  /** Steps in all, in place of whole passes. */
  readonly max_steps?: number;
  /** Strength of NEFTune; null for none. */
  readonly neftune_noise_alpha: number | null;
}

/**
 * Trains the model in place, see `trainStage`. The loss of a step is the mean over its learnt tokens, whichever example
 * they are in. Conversations are packed without seeing each other; those longer than a row are left out and told.
 * @throws UsageError for settings that cannot work, such as rows that no conversation fits, and as `trainStage`
 */
export async function sft(
  model: TrainedModel,
  sets: TrainingSets,
  settings: SftSettings,
  context: StageContext,
): Promise<StageResult> {
  const { seed } = context;
  const { neftune_noise_alpha: alpha } = settings;
  const perturb: DecoderPlan['perturb'] =
    alpha === null ? undefined : (embedded, batch, at) => addEmbeddingNoise(embedded, batch, { alpha, seed, at });
  return trainStage(model, { ...planSft(model, sets, settings, context), perturb }, settings, context);
}

/** What is learnt, and over how many steps. */
export function planSft(
  { tokenizer }: Pick<TrainedModel, 'tokenizer'>,
  sets: TrainingSets,
  settings: SftSettings,
  { seed, onWarning }: PlanContext,
): StagePlan {
  const { rows, length, gradient_accumulation_steps: passes } = settings.batch;
  const { max_steps: wanted } = settings;
  const drawing = { length, epochs: wanted === undefined ? settings.num_train_epochs : undefined, onWarning };
  const conversations = conversationSources(settings.on, sets, drawing);
  const examples = conversations.reduce((sum, { weight }) => sum + weight, 0);
  if (examples === 0) throw nothingFits(settings, sets);
  const replay = Object.entries(settings.replay).flatMap(([name, share]) => {
    const options = { ...drawing, seed, label: name, endId: tokenizer?.eosId };
    return documentSources([name], Math.round(share * examples), sets, options);
  });
  const sources = [...conversations, ...replay];
  // Conversations and pieces bring their own ends.
  const open = () =>
    new BatchStream(sources, { rows, length, seed, unit: 'examples', padId: padOf(tokenizer), long: 'skip' });
  return {
    sets,
    batches: open(),
    schedule: scheduleOver(wanted ?? Math.ceil(countBatches(open()) / passes), settings),
  };
}

function nothingFits({ on, batch }: SftSettings, sets: TrainingSets): UsageError {
  let shortest = Number.POSITIVE_INFINITY;
  for (const name of on) {
    const { train } = setOf(name, sets);
    for (let i = 0; i < train.documents; i++) shortest = Math.min(shortest, train.length(i));
  }
  return new UsageError({
    field: 'batch.length',
    found: `${batch.length}, and no conversation of ${on.join(', ')} that fits`,
    expected: Number.isFinite(shortest) ? `at least ${shortest}, the tokens of the shortest` : 'conversations to learn',
    fix: 'Raise batch.length, or bring shorter conversations.',
  });
}
