/** What every stage of training shares: its settings, and the loop with checkpoints, events and measurements. */
import { join } from 'node:path';
import type { PackedBatch } from '../data/packed-batch.ts';
import type { BatchStream } from '../data/stream.ts';
import type { TrainableModel } from '../models/model.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import type { Engine } from '../runtime/engine.ts';
import { requireRoom, resumeTraining, saveTraining, surroundingsOf } from '../train/checkpoint.ts';
import { type Evaluator, runTraining } from '../train/loop.ts';
import { createAdamW } from '../train/optimizers/adamw.ts';
import { assertSchedule, type Schedule, type scheduleTypes } from '../train/schedule.ts';
import { type StepReport, Trainer } from '../train/trainer.ts';

/** Settings under the names of a recipe. */
export interface TrainingSettings {
  readonly batch: { readonly rows: number; readonly length: number; readonly gradient_accumulation_steps: number };
  readonly learning_rate: number;
  readonly lr_scheduler_type: (typeof scheduleTypes)[number];
  readonly warmup_ratio: number;
  readonly min_lr_ratio: number;
  readonly decay_ratio: number;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  readonly weight_decay: number;
  readonly exempt_embeddings: boolean;
  /** Null for no clipping. */
  readonly max_grad_norm: number | null;
  readonly max_skipped_steps: number;
  readonly evaluation: { readonly every: number | null };
  readonly logging_steps: number;
  readonly checkpoints: {
    readonly every_seconds: number;
    readonly keep_last: number;
    readonly budget_gb: number | null;
  };
}

export interface StageContext {
  readonly engine: Engine;
  readonly seed: number;
  /** The stage's own folder. */
  readonly folder: string;
  /** Hash of everything that the stage's result depends on. */
  readonly hash: string;
  readonly signal?: AbortSignal;
  readonly onEvent: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport, total: number) => void;
  readonly onWarning: (message: string) => void;
  /** Told the step that the stage goes on from, 0 for a new one, before the first event. */
  readonly onStart: (step: number) => void;
  /** Called before a checkpoint is saved: events up to here must last as long as it. */
  readonly onSave?: () => void;
  readonly measure?: () => Promise<Readonly<Record<string, number>>>;
  /** Whether the measurement of a step was made already, by a run that is continued. */
  readonly isMeasured?: (step: number) => boolean;
}

export interface StageResult {
  readonly steps: number;
  readonly tokens: number;
  readonly skippedSteps: number;
  /** Passes over each set. */
  readonly epochs: Readonly<Record<string, number>>;
}

export interface StagePlan {
  readonly batches: BatchStream;
  readonly schedule: Schedule;
  /** Changes what a batch's tokens were embedded as, in place: [rows * length, hidden]. */
  readonly perturb?: (embedded: Float32Array, batch: PackedBatch, at: BatchPlace) => void;
}

/** Where in the run a batch is learnt: all that its randomness may depend on, so that a resumed run repeats it. */
export interface BatchPlace {
  /** Steps before this one. */
  readonly step: number;
  /** Place among the batches of the step. */
  readonly batch: number;
}

/**
 * Trains the model in place, from the last good checkpoint in the stage's folder where there is one.
 * @throws UsageError for settings that cannot work; InterruptedError and GateError as `runTraining`, after saving.
 */
export async function trainStage(
  model: TrainableModel,
  { batches, schedule, perturb }: StagePlan,
  settings: TrainingSettings,
  context: StageContext,
): Promise<StageResult> {
  const { engine, signal, onEvent, onStep, onWarning } = context;
  const { rows, length, gradient_accumulation_steps: accumulationSteps } = settings.batch;
  const optimizer = createAdamW(model.parameters.values(), {
    betas: [settings.adam_beta1, settings.adam_beta2],
    epsilon: settings.adam_epsilon,
    weightDecay: settings.weight_decay,
    exemptEmbeddings: settings.exempt_embeddings,
  });
  const causalLm = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  const maxGradientNorm = settings.max_grad_norm ?? Number.POSITIVE_INFINITY;
  let place: BatchPlace = { step: -1, batch: 0 };
  const program: Pick<CausalLmProgram, 'forwardBackward'> = {
    forwardBackward(batch: PackedBatch, options) {
      place = { step: trainer.step, batch: options.accumulate ? place.batch + 1 : 0 };
      const at = place;
      const change = perturb && ((embedded: Float32Array) => perturb(embedded, batch, at));
      return causalLm.forwardBackward(batch, { ...options, perturb: change });
    },
  };
  const trainer = new Trainer({ program, optimizer, batches, schedule, accumulationSteps, maxGradientNorm });

  const { checkpoints } = settings;
  const storage = {
    folder: join(context.folder, 'checkpoints'),
    run: context.hash,
    surroundings: surroundingsOf(engine),
    rotation: { keepLast: checkpoints.keep_last, budgetBytes: budgetBytes(checkpoints.budget_gb) },
  };
  await requireRoom(model, storage.folder);
  const resumed = await resumeTraining(model, trainer, storage);
  resumed?.warnings.forEach(onWarning);
  context.onStart(trainer.step);
  try {
    await runTraining(trainer, {
      loggingSteps: settings.logging_steps,
      maxSkippedSteps: settings.max_skipped_steps,
      evaluators: evaluators(settings, schedule, context.measure),
      evaluateFirst: resumed && !context.isMeasured?.(resumed.step),
      meter: resumed?.meter,
      save: async (meter) => {
        context.onSave?.();
        await saveTraining(model, trainer, storage, meter);
      },
      saveEverySeconds: checkpoints.every_seconds,
      signal,
      onEvent,
      onStep: (report) => onStep?.(report, schedule.steps),
    });
  } finally {
    await engine.drain();
    causalLm.release();
  }
  return {
    steps: trainer.step,
    tokens: trainer.tokens,
    skippedSteps: trainer.skippedSteps,
    epochs: Object.fromEntries(batches.progress().map(({ name, epochs }) => [name, epochs])),
  };
}

/** The phases of the learning rate over so many steps. */
export function scheduleOver(steps: number, settings: TrainingSettings): Schedule {
  const type = settings.lr_scheduler_type;
  const schedule: Schedule = {
    type,
    peak: settings.learning_rate,
    steps,
    warmupSteps: Math.round(settings.warmup_ratio * steps),
    minimumRatio: settings.min_lr_ratio,
    decaySteps: type === 'warmup_stable_decay' ? Math.round(settings.decay_ratio * steps) : 0,
  };
  assertSchedule(schedule);
  return schedule;
}

function evaluators(
  { evaluation }: TrainingSettings,
  { steps }: Schedule,
  evaluate: StageContext['measure'],
): Evaluator[] {
  if (evaluation.every === null || !evaluate) return [];
  return [{ every: Math.max(1, Math.round(evaluation.every * steps)), evaluate }];
}

const budgetBytes = (gigabytes: number | null) => (gigabytes === null ? undefined : gigabytes * 1e9);
