/** Contrastive training: an encoder learns to put a query near its document and far from those of others. */
import { join } from 'node:path';
import type { AdaptedEmbedder } from '../adapters/attach-encoder.ts';
import type { Pair } from '../data/pairs/pair.ts';
import { PairStream, type TokenPair } from '../data/pairs/pair-stream.ts';
import type { TrainableEmbedder } from '../embed/save-embedder.ts';
import { textIds } from '../embed/text-ids.ts';
import { ContrastiveProgram } from '../objectives/contrastive/program.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { requireRoom, resumeTraining, saveTraining, surroundingsOf } from '../train/checkpoint.ts';
import { type LoopResult, runTraining } from '../train/loop.ts';
import { createAdamW } from '../train/optimizers/adamw.ts';
import { assertSchedule, type Schedule } from '../train/schedule.ts';
import { trainedParameters } from '../train/trained-model.ts';
import { type StepReport, Trainer } from '../train/trainer.ts';
import { type ContrastiveSettings, requireSettings } from './contrastive-settings.ts';

export { type ContrastiveSettings, defaultContrastiveSettings } from './contrastive-settings.ts';

export interface ContrastiveContext {
  readonly engine: Engine;
  /** Where checkpoints are kept to go on from. */
  readonly folder: string;
  /** Hash of everything that the result depends on. */
  readonly hash: string;
  readonly saveEverySeconds?: number;
  readonly signal?: AbortSignal;
  /** Told the step that the training goes on from, 0 for a new one, before the first event. */
  readonly onStart?: (step: number) => void;
  /** Called before a checkpoint is saved: events up to here must last as long as it. */
  readonly onSave?: () => void;
  readonly onEvent?: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport, total: number) => void;
  readonly onWarning?: (message: string) => void;
}

export interface ContrastiveResult extends LoopResult {
  readonly steps: number;
  readonly tokens: number;
  readonly skippedSteps: number;
  /** Texts that were cut. */
  readonly cutTexts: number;
}

/** Steps between events, and skipped ones in a row after which a run ends. */
const loggingSteps = 10;
const maxSkippedSteps = 10;

/** A model that learns to make vectors, with all that makes ids of texts. */
export type LearningEmbedder = (TrainableEmbedder & { readonly tokenizer: Tokenizer }) | AdaptedEmbedder;

/** What is learnt, and over how many steps. */
export interface ContrastivePlan {
  readonly batches: PairStream;
  readonly schedule: Schedule;
  /** Texts that were cut. */
  readonly cutTexts: number;
}

/** @throws UsageError for settings that cannot work */
export function planContrastive(
  model: Pick<LearningEmbedder, 'tokenizer' | 'settings' | 'encoder'>,
  pairs: readonly Pair[],
  settings: ContrastiveSettings,
): ContrastivePlan {
  requireSettings(settings, { pairs: pairs.length, width: model.encoder.sizes.hidden });
  const { pairs: learnt, cutTexts } = tokenizePairs(model, pairs, settings);
  const { batch_size: rows, hard_negatives: negatives, seed } = settings;
  const batches = new PairStream(learnt, { rows, negatives, seed });
  return { batches, schedule: scheduleFor(pairs.length, settings), cutTexts };
}

/** The gradients of a step. Release it after use. */
export const contrastiveProgram = (
  engine: Engine,
  model: LearningEmbedder,
  { temperature, matryoshka, false_negative_margin: margin }: ContrastiveSettings,
): ContrastiveProgram =>
  new ContrastiveProgram(engine, model, {
    temperature,
    widths: matryoshka ?? undefined,
    falseNegativeMargin: margin ?? undefined,
    pooling: model.settings.pooling,
  });

/**
 * Trains the embedder in place, or the adapter over it, from the last good checkpoint in the folder where there is one.
 * @throws UsageError for settings that cannot work; InterruptedError and GateError as `runTraining`, after saving
 */
export async function contrastive(
  model: LearningEmbedder,
  pairs: readonly Pair[],
  settings: ContrastiveSettings,
  context: ContrastiveContext,
): Promise<ContrastiveResult> {
  const { engine, signal, onEvent = () => {}, onStep, onWarning, saveEverySeconds = 600 } = context;
  const { batches, schedule, cutTexts } = planContrastive(model, pairs, settings);
  const program = contrastiveProgram(engine, model, settings);
  const optimizer = createAdamW(trainedParameters(model).values(), { weightDecay: settings.weight_decay });
  const maxGradientNorm = settings.max_grad_norm ?? Number.POSITIVE_INFINITY;
  const trainer = new Trainer({ program, optimizer, batches, schedule, accumulationSteps: 1, maxGradientNorm });
  const storage = {
    folder: join(context.folder, 'checkpoints'),
    run: context.hash,
    surroundings: surroundingsOf(engine),
    rotation: { keepLast: 1 },
  };
  await requireRoom(model, storage.folder);
  const resumed = await resumeTraining(model, trainer, storage);
  for (const warning of resumed?.warnings ?? []) onWarning?.(warning);
  context.onStart?.(trainer.step);
  try {
    const ended = await runTraining(trainer, {
      loggingSteps,
      maxSkippedSteps,
      state: resumed?.loop,
      save: async (state) => {
        context.onSave?.();
        await saveTraining(model, trainer, storage, state);
      },
      saveEverySeconds,
      signal,
      onEvent,
      onStep: (report) => onStep?.(report, schedule.steps),
    });
    const { step: steps, tokens, skippedSteps } = trainer;
    return { ...ended, steps, tokens, skippedSteps, cutTexts };
  } finally {
    await engine.drain();
    program.release();
  }
}

function scheduleFor(pairs: number, settings: ContrastiveSettings): Schedule {
  const steps = Math.ceil((settings.num_train_epochs * pairs) / settings.batch_size);
  const schedule: Schedule = {
    type: settings.lr_scheduler_type,
    peak: settings.learning_rate,
    steps,
    warmupSteps: Math.round(settings.warmup_ratio * steps),
  };
  assertSchedule(schedule);
  return schedule;
}

/** Equal texts are encoded once. */
function tokenizePairs(
  { tokenizer, settings: { maxLength = Number.POSITIVE_INFINITY }, encoder }: Parameters<typeof planContrastive>[0],
  pairs: readonly Pair[],
  { prefixes }: Pick<ContrastiveSettings, 'prefixes'>,
): { readonly pairs: readonly TokenPair[]; readonly cutTexts: number } {
  const known = new Map<string, Int32Array>();
  let cutTexts = 0;
  const idsOf = (text: string): Int32Array => {
    const before = known.get(text);
    if (before) return before;
    const { ids, isCut } = textIds(tokenizer, text, Math.min(maxLength, encoder.sizes.positions));
    known.set(text, ids);
    if (isCut) cutTexts++;
    return ids;
  };
  const encoded = pairs.map(({ query, positive, negatives }) => ({
    query: idsOf(prefixes.query + query),
    positive: idsOf(prefixes.document + positive),
    negatives: negatives.map((text) => idsOf(prefixes.document + text)),
  }));
  return { pairs: encoded, cutTexts };
}
