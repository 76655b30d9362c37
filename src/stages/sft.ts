/** Supervised fine-tuning: what an assistant says in conversations, learnt in a number of passes over all of them. */
import { BatchStream } from '../data/stream.ts';
import type { TrainableModel } from '../models/model.ts';
import type { DataSet } from './data-set.ts';
import { addEmbeddingNoise } from './neftune.ts';
import { type StageContext, type StageResult, scheduleOver, type TrainingSettings, trainStage } from './train-stage.ts';

/** Settings under the names of a recipe. */
export interface SftSettings extends TrainingSettings {
  /** Sets of conversations; all are read to their end in every pass. */
  readonly on: readonly string[];
  readonly num_train_epochs: number;
  /** Strength of NEFTune; null for none. */
  readonly neftune_noise_alpha: number | null;
}

/**
 * Trains the model in place, see `trainStage`. The loss of a step is the mean over its learnt tokens, whichever example
 * they are in. Conversations are packed without seeing each other; those longer than a row are left out and told, because
 * one that is cut teaches answers without their end or their question.
 * @throws UsageError for settings that cannot work, such as rows that no conversation fits, and as `trainStage`
 */
export async function sft(
  model: TrainableModel,
  sets: ReadonlyMap<string, Pick<DataSet, 'train'>>,
  settings: SftSettings,
  context: StageContext,
): Promise<StageResult> {
  const { rows, length, gradient_accumulation_steps: passes } = settings.batch;
  const { seed, onWarning } = context;
  const sources = sourcesOf(settings, sets);
  // Conversations bring their own ends.
  const open = () =>
    new BatchStream(sources, { rows, length, seed, unit: 'examples', padId: padOf(model), long: 'skip' });
  const batches = open();
  for (const [i, { long, documents }] of batches.counts.entries()) {
    if (long === 0) continue;
    onWarning(
      `${sources[i].name}: ${long} of ${documents} conversations are longer than batch.length ${length} and left out`,
    );
  }
  const schedule = scheduleOver(Math.ceil(batchesIn(open()) / passes), settings);
  const { neftune_noise_alpha: alpha } = settings;
  const perturb: Parameters<typeof trainStage>[1]['perturb'] =
    alpha === null ? undefined : (embedded, batch, at) => addEmbeddingNoise(embedded, batch, { alpha, seed, at });
  return trainStage(model, { batches, schedule, perturb }, settings, context);
}

function sourcesOf({ on, num_train_epochs }: SftSettings, sets: ReadonlyMap<string, Pick<DataSet, 'train'>>) {
  return on.map((name) => {
    const set = sets.get(name);
    if (!set) throw new Error(`the stage names the set ${name}, which was not loaded`);
    // By their sizes, so that all sets end together.
    return { name, store: set.train, weight: set.train.documents, maxEpochs: num_train_epochs };
  });
}

const padOf = ({ tokenizer }: TrainableModel) => tokenizer?.padId ?? tokenizer?.eosId;

/** How many batches packing makes is known once they are packed. */
function batchesIn(stream: BatchStream): number {
  let batches = 0;
  while (stream.next() !== undefined) batches++;
  return batches;
}
