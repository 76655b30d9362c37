/**
 * Joint continual pretraining and instruction tuning (FinDAP, Ke et al. 2025, arXiv:2501.04961, section 2.1): documents and
 * conversations in one stream, as many pieces of the one as there are examples of the other, in groups that follow each
 * other under one schedule. Every token of a document is learnt, of a conversation what the assistant says.
 *
 * The paper shuffles both together; here they are drawn in turn by their shares, which mixes every part of the run as
 * evenly as a shuffle mixes the whole. It ends every piece with an end token; here only a document's last piece has one,
 * because a text does not stop where a row does.
 */
import { BatchChain } from '../data/batch-chain.ts';
import { BatchStream, type StreamSource } from '../data/stream.ts';
import { UsageError } from '../errors.ts';
import type { TrainedModel } from '../train/trained-model.ts';
import { conversationSources, countBatches, documentSources, padOf, type TrainingSets } from './examples.ts';
import {
  type PlanContext,
  type StageContext,
  type StagePlan,
  type StageResult,
  scheduleOver,
  type TrainingSettings,
  trainStage,
} from './train-stage.ts';

interface JointGroup {
  readonly documents: readonly string[];
  readonly conversations: readonly string[];
  /** Passes over what was drawn. */
  readonly num_train_epochs: number;
}

/** Settings under the names of a recipe. */
export interface JointSettings extends TrainingSettings {
  readonly groups: readonly JointGroup[];
  readonly documents_per_conversation: number;
  /** Steps in all, in place of whole passes: every group has the share of them that it has of the passes. */
  readonly max_steps?: number;
}

/** Trains the model in place, see `trainStage`. @throws UsageError for settings that cannot work, and as `trainStage` */
export async function joint(
  model: TrainedModel,
  sets: TrainingSets,
  settings: JointSettings,
  context: StageContext,
): Promise<StageResult> {
  return trainStage(model, planJoint(model, sets, settings, context), settings, context);
}

/** What is learnt, and over how many steps. */
export function planJoint(
  { tokenizer }: Pick<TrainedModel, 'tokenizer'>,
  sets: TrainingSets,
  settings: JointSettings,
  context: PlanContext,
): StagePlan {
  const { rows, length, gradient_accumulation_steps: passes } = settings.batch;
  const { seed } = context;
  const groups = settings.groups.map((group, index) => sourcesOf(group, index, { tokenizer, sets, settings, context }));
  const stream = { rows, length, seed, unit: 'examples', padId: padOf(tokenizer), long: 'skip' } as const;
  const counts = groups.map((sources) => countBatches(new BatchStream(sources, stream)));
  const natural = counts.reduce((sum, count) => sum + count, 0);
  const { max_steps: wanted } = settings;
  if (wanted === undefined) {
    const batches = new BatchChain(groups.map((sources) => new BatchStream(sources, stream)));
    return { sets, batches, schedule: scheduleOver(Math.ceil(natural / passes), settings) };
  }
  const limits = sharesOf(wanted * passes, counts);
  const endless = groups.map((sources) => sources.map((source) => ({ ...source, maxEpochs: undefined })));
  const batches = new BatchChain(
    endless.map((sources) => new BatchStream(sources, stream)),
    { limits },
  );
  return { sets, batches, schedule: scheduleOver(wanted, settings) };
}

/** A number divided in proportion to sizes, in whole parts that add up to it. */
function sharesOf(total: number, sizes: readonly number[]): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let [seen, given] = [0, 0];
  return sizes.map((size) => {
    seen += size;
    const share = Math.round((total * seen) / all) - given;
    given += share;
    return share;
  });
}

interface Parts {
  readonly tokenizer: TrainedModel['tokenizer'];
  readonly sets: TrainingSets;
  readonly settings: JointSettings;
  readonly context: PlanContext;
}

function sourcesOf(
  { documents, conversations, num_train_epochs: epochs }: JointGroup,
  index: number,
  { tokenizer, sets, settings, context: { seed, onWarning } }: Parts,
): StreamSource[] {
  const drawing = { length: settings.batch.length, epochs, onWarning };
  const instructions = conversationSources(conversations, sets, drawing);
  const examples = instructions.reduce((sum, { weight }) => sum + weight, 0);
  const wanted = Math.round(settings.documents_per_conversation * examples);
  if (wanted === 0) {
    throw new UsageError({
      field: `groups.${index}`,
      found: `${examples} conversations that fit a row`,
      expected: 'enough for a piece of a document',
      fix: 'Add conversations, or raise batch.length or documents_per_conversation.',
    });
  }
  const options = { ...drawing, seed, label: `group ${index}`, endId: tokenizer?.eosId };
  return [...instructions, ...documentSources(documents, wanted, sets, options)];
}
