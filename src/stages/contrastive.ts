/** Contrastive training: an encoder learns to put a query near its document and far from those of others. */
import { join } from 'node:path';
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
  readonly onEvent?: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport, total: number) => void;
  readonly onWarning?: (message: string) => void;
}

export interface ContrastiveResult extends LoopResult {
  readonly steps: number;
  readonly tokens: number;
  /** Texts that were cut. */
  readonly cutTexts: number;
}

/** Steps between events, and skipped ones in a row after which a run ends. */
const loggingSteps = 10;
const maxSkippedSteps = 10;

/**
 * Trains the embedder in place, from the last good checkpoint in the folder where there is one.
 * @throws UsageError for settings that cannot work; InterruptedError and GateError as `runTraining`, after saving
 */
export async function contrastive(
  model: TrainableEmbedder & { readonly tokenizer: Tokenizer },
  pairs: readonly Pair[],
  settings: ContrastiveSettings,
  context: ContrastiveContext,
): Promise<ContrastiveResult> {
  const { engine, signal, onEvent = () => {}, onStep, onWarning, saveEverySeconds = 600 } = context;
  requireSettings(settings, { pairs: pairs.length, width: model.encoder.sizes.hidden });
  const { pairs: learnt, cutTexts } = tokenizePairs(model, pairs, settings);
  const batches = new PairStream(learnt, {
    rows: settings.batch_size,
    negatives: settings.hard_negatives,
    seed: settings.seed,
  });
  const program = new ContrastiveProgram(engine, model, {
    temperature: settings.temperature,
    widths: settings.matryoshka ?? undefined,
    falseNegativeMargin: settings.false_negative_margin ?? undefined,
    pooling: model.settings.pooling,
  });
  const optimizer = createAdamW(model.parameters.values(), { weightDecay: settings.weight_decay });
  const schedule = scheduleFor(pairs.length, settings);
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
  try {
    const ended = await runTraining(trainer, {
      loggingSteps,
      maxSkippedSteps,
      state: resumed?.loop,
      save: async (state) => void (await saveTraining(model, trainer, storage, state)),
      saveEverySeconds,
      signal,
      onEvent,
      onStep: (report) => onStep?.(report, schedule.steps),
    });
    return { ...ended, steps: trainer.step, tokens: trainer.tokens, cutTexts };
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
  { tokenizer, settings: { maxLength = Number.POSITIVE_INFINITY }, encoder }: Parameters<typeof contrastive>[0],
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
