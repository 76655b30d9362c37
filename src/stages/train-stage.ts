/** What every stage of training shares: its settings, and the loop with checkpoints, events and measurements. */
import { join } from 'node:path';
import type { RotationPolicy } from '../checkpoint/rotation.ts';
import type { PackedBatch } from '../data/packed-batch.ts';
import type { SourceProgress } from '../data/stream.ts';
import { UsageError } from '../errors.ts';
import type { WholeModel } from '../models/model.ts';
import { CausalLmProgram, type StepOptions } from '../objectives/causal-lm/program.ts';
import { stream } from '../random/stream.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Best } from '../train/best-so-far.ts';
import {
  checkpointBytes,
  readWeightsOfStep,
  requireRoom,
  resumeTraining,
  saveTraining,
  surroundingsOf,
} from '../train/checkpoint.ts';
import { type Evaluator, type LoopResult, runTraining } from '../train/loop.ts';
import { assertSchedule, type Schedule, type scheduleTypes } from '../train/schedule.ts';
import {
  type Trained,
  type TrainedEncoderDecoder,
  type TrainedModel,
  trainedParameters,
} from '../train/trained-model.ts';
import { type StepReport, Trainer } from '../train/trainer.ts';
import { batchWarning, describeBatches, type LearntBatch, surveyBatches } from './batch-statistics.ts';
import { createOptimizer, type OptimizerSettings } from './create-optimizer.ts';
import { setOf, type TrainingSets } from './examples.ts';
import type { MeasuredPart } from './measure-sets.ts';
import { generateSamples, type Sample } from './samples/generate-samples.ts';
import { type SampleSettings, samplePrompts } from './samples/sample-prompts.ts';
import { createSampler, type Sampler } from './samples/sampler.ts';
import { assertMeasured, bestMetric, type WatchSettings, watchTraining } from './training-watch.ts';

/** Settings under the names of a recipe. */
export interface TrainingSettings extends WatchSettings, OptimizerSettings {
  readonly batch: { readonly rows: number; readonly length: number; readonly gradient_accumulation_steps: number };
  readonly learning_rate: number;
  readonly lr_scheduler_type: (typeof scheduleTypes)[number];
  readonly warmup_ratio: number;
  readonly min_lr_ratio: number;
  readonly decay_ratio: number;
  /** Null for no clipping. */
  readonly max_grad_norm: number | null;
  readonly max_skipped_steps: number;
  readonly evaluation: { readonly every: number | null };
  readonly samples?: SampleSettings | null;
  readonly logging_steps: number;
  readonly checkpoints: {
    readonly every_seconds: number;
    readonly keep_last: number;
    readonly budget_gb: number | null;
  };
}

/** What a stage's plan depends on beside settings and data. */
export type PlanContext = Pick<StageContext, 'seed' | 'onWarning'>;

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
  /** Told what is worth knowing and no cause for concern. */
  readonly onNote?: (message: string) => void;
  /** Told the step that the stage goes on from, 0 for a new one, before the first event. */
  readonly onStart: (step: number) => void;
  /** Called before a checkpoint is saved: events up to here must last as long as it. */
  readonly onSave?: () => void;
  readonly measure?: () => Promise<Readonly<Record<string, number>>>;
  /** Names of what `measure` gives. */
  readonly measures?: readonly string[];
  /**
   * Shows the model as it is now, an adapter merged into it. Needed for samples of a model under an adapter; one that is
   * trained as a whole is shown as it is.
   */
  readonly whole?: WholeModelOf;
  /** Held-out parts of the sets, which samples begin with. */
  readonly heldOut?: readonly MeasuredPart[];
}

/** Gives what `use` makes of the whole model, which is there for that long. */
export type WholeModelOf = <T>(use: (model: WholeModel) => Promise<T>) => Promise<T>;

export interface StageResult {
  readonly steps: number;
  readonly tokens: number;
  readonly skippedSteps: number;
  /** Passes over each set: tokens read of those that its training part has. */
  readonly epochs: Readonly<Record<string, number>>;
  /** Share of the places of a batch that hold tokens and no padding. */
  readonly fill: number;
  /** The evaluation whose model is the result, where the best is chosen. */
  readonly best: Best | null;
  /** Why the stage ended before its last step. */
  readonly stopped: string | null;
  /** How often the watchdog raised each kind of alarm. */
  readonly alarms: Readonly<Record<string, number>>;
}

/** `BatchStream`, or several of them. */
interface Batches<Batch> {
  next(): Batch | undefined;
  /** JSON-serialisable. */
  state(): unknown;
  restore(state: unknown): void;
  progress(): readonly SourceProgress[];
}

export interface StagePlan<Batch extends LearntBatch = PackedBatch> {
  /** What the batches are made of. */
  readonly sets: TrainingSets;
  readonly batches: Batches<Batch>;
  readonly schedule: Schedule;
}

export interface DecoderPlan extends StagePlan {
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

/** What a stage does with a model of its kind. */
export interface Learner<Batch> {
  /** @param at where in the run the batch is learnt */
  forwardBackward(
    batch: Batch,
    options: Pick<StepOptions, 'labelWeight' | 'accumulate'>,
    at: BatchPlace,
  ): Promise<number>;
  /** What to ask the model as it is, time and again; undefined where it cannot be asked. @param parts held-out parts of what it learns */
  asking(
    settings: SampleSettings,
    parts: readonly MeasuredPart[],
  ): Promise<(() => Promise<readonly Sample[]>) | undefined>;
  release(): void;
}

/**
 * Trains a decoder in place, from the last good checkpoint in the stage's folder where there is one.
 * @throws as `learn`
 */
export function trainStage(
  model: TrainedModel,
  plan: DecoderPlan,
  settings: TrainingSettings,
  context: StageContext,
): Promise<StageResult> {
  return learn(model, plan, decoderLearner(model, plan, settings, context), settings, context);
}

function decoderLearner(
  model: TrainedModel,
  { perturb }: DecoderPlan,
  { batch: { rows, length } }: TrainingSettings,
  { engine, seed, signal, whole = wholeOf(model) }: StageContext,
): Learner<PackedBatch> {
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
  return {
    forwardBackward(batch, options, at) {
      const change = perturb && ((embedded: Float32Array) => perturb(embedded, batch, at));
      const dropout: StepOptions['dropout'] = (layer, module) =>
        stream(seed, 'dropout', at.step, at.batch, layer, module);
      return program.forwardBackward(batch, { ...options, perturb: change, dropout });
    },
    async asking(samples, parts) {
      const { tokenizer } = model;
      if (!whole || !tokenizer) return undefined;
      const prompts = await samplePrompts({ ...model, tokenizer }, parts, samples);
      return () => whole((complete) => generateSamples(engine, { ...complete, tokenizer }, prompts, { signal }));
    },
    release: () => program.release(),
  };
}

/**
 * Trains the model in place, from the last good checkpoint in the stage's folder where there is one. Releases the learner.
 * @throws UsageError for settings that cannot work; InterruptedError and GateError as `runTraining`, after saving.
 */
export async function learn<Batch extends LearntBatch>(
  model: TrainedModel | TrainedEncoderDecoder,
  { sets, batches, schedule }: StagePlan<Batch>,
  learner: Learner<Batch>,
  settings: TrainingSettings,
  context: StageContext,
): Promise<StageResult> {
  const { engine, signal, onEvent, onStep, onWarning, onNote } = context;
  const { gradient_accumulation_steps: accumulationSteps } = settings.batch;
  const optimizer = createOptimizer(engine, trainedParameters(model).values(), settings);
  const maxGradientNorm = settings.max_grad_norm ?? Number.POSITIVE_INFINITY;
  let place: BatchPlace = { step: -1, batch: 0 };
  const program = {
    forwardBackward(batch: Batch, options: StepOptions) {
      place = { step: trainer.step, batch: options.accumulate ? place.batch + 1 : 0 };
      return learner.forwardBackward(batch, options, place);
    },
  };
  const trainer: Trainer<Batch> = new Trainer<Batch>({
    program,
    optimizer,
    batches,
    schedule,
    accumulationSteps,
    maxGradientNorm,
    review: (figures) => watch.watchdog?.review(figures),
  });

  const storage = {
    folder: join(context.folder, 'checkpoints'),
    run: context.hash,
    surroundings: surroundingsOf(engine),
    rotation: rotationOf(model, settings),
  };
  await requireRoom(model, storage.folder);
  const statistics = surveyBatches(batches, { steps: schedule.steps, accumulationSteps });
  onNote?.(describeBatches(statistics, schedule.steps));
  const littleLearnt = batchWarning(statistics);
  if (littleLearnt !== undefined) onWarning(littleLearnt);
  const resumed = await resumeTraining(model, trainer, storage);
  resumed?.warnings.forEach(onWarning);
  const every = evaluateEvery(settings, schedule);
  const state = resumed?.loop;
  const watch = watchTraining(settings, { schedule, evaluateEvery: every, maxGradientNorm, state });
  const learnt = batches.progress().map(({ name }) => name);
  const heldOut = (context.heldOut ?? []).filter(({ name }) => learnt.includes(name));
  const { samples } = settings;
  const ask = samples?.every ? await learner.asking(samples, heldOut) : undefined;
  const sampler = ask && createSampler(ask, { folder: context.folder, onNote });
  context.onStart(trainer.step);
  let ended: LoopResult;
  try {
    ended = await runTraining(trainer, {
      ...watch,
      loggingSteps: settings.logging_steps,
      maxSkippedSteps: settings.max_skipped_steps,
      evaluators: [...measurements(settings, every, context), ...samplings(settings, schedule, sampler)],
      state,
      save: async (state) => {
        context.onSave?.();
        await saveTraining(model, trainer, storage, state);
      },
      saveEverySeconds: settings.checkpoints.every_seconds,
      signal,
      onEvent,
      onStep: (report) => onStep?.(report, schedule.steps),
      onAlarm: ({ first, message }) => first && onWarning(message),
    });
  } finally {
    await engine.drain();
    learner.release();
    optimizer.release();
  }
  const { best, alarms } = ended;
  // Patience that runs out with the last step ends nothing.
  const stopped = trainer.step < schedule.steps ? ended.stopped : undefined;
  if (stopped !== undefined) onNote?.(`stopped after ${trainer.step} of ${schedule.steps} steps: ${stopped}`);
  if (best && best.step !== trainer.step) {
    await readWeightsOfStep(model, storage.folder, best.step);
    onNote?.(`the result is the model of step ${best.step}, the best in ${best.metric}: ${best.value.toPrecision(4)}`);
  }
  return {
    steps: trainer.step,
    tokens: trainer.tokens,
    skippedSteps: trainer.skippedSteps,
    epochs: Object.fromEntries(batches.progress().map(({ name, tokens }) => [name, tokens / tokensOf(name, sets)])),
    fill: statistics.fill,
    best: best ?? null,
    stopped: stopped ?? null,
    alarms: { ...alarms },
  };
}

function tokensOf(name: string, sets: TrainingSets): number {
  const { train } = setOf(name, sets);
  let tokens = 0;
  for (let document = 0; document < train.documents; document++) tokens += train.length(document);
  return tokens;
}

const wholeOf = (model: TrainedModel): WholeModelOf | undefined =>
  'adapter' in model ? undefined : (use) => use(model);

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

/** Steps between evaluations; `undefined` for none while training. */
const evaluateEvery = ({ evaluation }: TrainingSettings, { steps }: Schedule): number | undefined =>
  evaluation.every === null ? undefined : Math.max(1, Math.round(evaluation.every * steps));

/** The end is measured by whoever runs the stage, unless the best model is to be known before. */
function measurements(settings: TrainingSettings, every: number | undefined, context: StageContext): Evaluator[] {
  const choosing = bestMetric(settings) !== undefined;
  const { measure = async () => ({}), measures } = context;
  if (choosing || settings.early_stopping) assertMeasured(settings, measures ?? []);
  else if (!context.measure) return [];
  return [{ name: 'measure', every, atEnd: choosing, judges: true, evaluate: measure }];
}

/** Those of the end are made by whoever runs the stage: of the model that is the result, beside those of other stages. */
function samplings({ samples }: TrainingSettings, { steps }: Schedule, sampler: Sampler | undefined): Evaluator[] {
  if (!samples?.every || !sampler) return [];
  return [
    {
      name: 'samples',
      every: Math.max(1, Math.round(samples.every * steps)),
      async evaluate(step) {
        const count = await sampler(step);
        const told: Record<string, number> = count > 0 ? { samples: count } : {};
        return told;
      },
    },
  ];
}

/** @throws UsageError for a budget that cannot hold what must be kept: told before the first step. */
function rotationOf(model: Trained, settings: TrainingSettings): RotationPolicy {
  const { keep_last: keepLast, budget_gb: budget } = settings.checkpoints;
  const metric = bestMetric(settings);
  if (budget === null) return { keepLast, keepBest: metric && (metric.mode === 'min' ? 'lowest' : 'highest') };
  const needed = checkpointBytes(model) * 2;
  const budgetBytes = budget * 1e9;
  if (metric && needed > budgetBytes) {
    throw new UsageError({
      field: 'checkpoints.budget_gb',
      found: String(budget),
      expected: `at least ${(needed / 1e9).toPrecision(3)}: the checkpoint to go on from, and the best`,
      fix: 'Raise it, or set load_best: false.',
    });
  }
  return { keepLast, budgetBytes, keepBest: metric && (metric.mode === 'min' ? 'lowest' : 'highest') };
}
