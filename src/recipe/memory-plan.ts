/** Whether a run fits into memory: told before its first step, and compared with what it took when it is done. */
import { cacheBytes } from '../generate/cache/plain-cache.ts';
import { frozenBytes } from '../generate/frozen/frozen-bytes.ts';
import { readingBytes } from '../generate/seq2seq/reading-memory.ts';
import { elementCount } from '../graph/tensor.ts';
import type { Decoder } from '../models/decoder.ts';
import type { EncoderDecoder } from '../models/encoder-decoder.ts';
import {
  largestBatch,
  type MemoryPrediction,
  mostRows,
  predictPeakMemory,
  predictScoringMemory,
  runtimeBytes,
} from '../objectives/causal-lm/memory.ts';
import { predictSeq2SeqMemory } from '../objectives/seq2seq/memory.ts';
import { shapesOfSft } from '../stages/seq2seq-sft.ts';
import { type StageShape, shapeOfPairStage, shapeOfStage } from './plan/stage-shape.ts';
import { vectorMemory } from './plan/vector-memory.ts';
import { isPairwise, type Prepared } from './prepare.ts';
import type { Recipe } from './schema/recipe.ts';
import { isContrastiveStage, isTrainingStage, type SftStage, settingsOf } from './stage.ts';

export interface MemoryPlan {
  /** Greatest resident memory of the process, in bytes, to within about a fifth. */
  readonly predicted: number;
  /** What the process may take, in bytes: what it has and what is free. */
  readonly available: number;
  /** Where less is available than predicted: the first stage that does not fit, and the most rows that would. */
  readonly tooLarge?: {
    /** Its name. */
    readonly stage: string;
    readonly rows: number;
    readonly fittingRows: number;
  };
}

export interface MemoryNow {
  /** Bytes that the process may take. */
  readonly available: number;
  /** Bytes that it has, with the weights of the model, before anything is compiled. */
  readonly resident: number;
}

/**
 * What a run of a decoder takes beside the steps of its stages: measurements, checkpoints that are written and the report. Runs
 * of `assets/nano` in 4 rows of 128 tokens, whole and with LoRA, QLoRA and DoRA, took 39 to 53 MB more than their parts.
 */
export const besideSteps = 40e6;

/** Looks at all stages of a run. @throws as `planLanguageMemory` */
export function planMemory(
  prepared: Pick<Prepared, 'language' | 'encoder' | 'sets' | 'pairs' | 'vectors'>,
  recipe: Recipe,
  now: MemoryNow = memoryNow(),
): MemoryPlan {
  const { language } = prepared;
  if (language && isPairwise(language)) return planPairMemory(language.model.architecture, recipe, prepared.sets, now);
  const plan = language && planLanguageMemory(language.model.decoder, recipe, now);
  const vectors = recipe.stages.filter(isContrastiveStage).map((stage) => vectorMemory(stage, prepared));
  return { available: now.available, ...plan, predicted: Math.max(plan?.predicted ?? 0, ...vectors) };
}

/**
 * Looks at every stage of a language model, and at the measurements between them: the model is scored, then frozen for
 * samples, then frozen from its checkpoint for tasks, while the runtime keeps what it took for training.
 * @throws UsageError for an adapter that does not fit the model
 */
export function planLanguageMemory(model: Decoder, recipe: Recipe, now: MemoryNow): MemoryPlan {
  const { available } = now;
  const training = recipe.stages.filter(isTrainingStage);
  const predict = memoised(predictPeakMemory);
  const stages = training.map((stage) => ({ stage, ...shapeOfStage(model, stage) }));
  const needs = stages.map((stage) => predict(stage));
  const scoring = predictScoringMemory(model, recipe.evaluation.bits_per_byte);
  // The code, the data and the runtime are there by now, and need not be guessed.
  const ground = besideSteps + Math.max(scoring.parts.runtime, now.resident - weightBytes(model));
  const bytesOf = ({ bytes, parts }: MemoryPrediction) => bytes - parts.runtime + ground;
  const working = Math.max(...[scoring, ...needs].map(({ parts }) => parts.working));
  const held = Math.max(...[scoring, ...needs].map(({ parts }) => parts.weights + parts.gradients + parts.moments));
  const asking = ground + working + Math.max(held + samplingBytes(model, recipe), taskBytes(model, recipe));
  const predicted = Math.max(bytesOf(scoring), ...needs.map(bytesOf), asking);
  const place = needs.findIndex((need) => bytesOf(need) > available);
  if (place < 0) return { predicted, available };
  const { stage, decoder, options } = stages[place];
  const { rows } = options;
  const bytes = available - ground + scoring.parts.runtime;
  const fittingRows = largestBatch(decoder, { ...options, bytes, limit: rows });
  return { predicted, available, tooLarge: { stage: stage.name, rows, fittingRows } };
}

/**
 * The same of an encoder-decoder. What is measured beside training takes less: weights are shared, and nothing is kept for a
 * backward pass. Answers are written in more rows, with scores for each pair of tokens of what is read.
 */
function planPairMemory(
  model: EncoderDecoder,
  recipe: Recipe,
  sets: Prepared['sets'],
  { resident, available }: MemoryNow,
): MemoryPlan {
  const ground = Math.max(0, resident - weightBytes(model) - runtimeBytes);
  const needOf = (stage: SftStage, rows: number) => {
    const { architecture, isTrained } = shapeOfPairStage(model, stage);
    const shapes = shapesOfSft(sets, { ...stage.sft, batch: { ...stage.sft.batch, rows } });
    return shapes.length === 0 ? 0 : ground + predictSeq2SeqMemory(architecture, shapes, { isTrained });
  };
  const stages = recipe.stages.filter((stage): stage is SftStage => 'sft' in stage);
  const needs = stages.map((stage) => needOf(stage, stage.sft.batch.rows));
  const asking = Math.max(0, ...needs) + Math.min(pairAnswerBytes(model, recipe), (available - resident) / 2);
  const predicted = Math.max(resident, asking);
  const place = needs.findIndex((need) => need > available);
  if (place < 0) return { predicted, available };
  const { name, sft } = stages[place];
  const fittingRows = mostRows(sft.batch.rows - 1, (rows) => needOf(stages[place], rows) <= available);
  return { predicted, available, tooLarge: { stage: name, rows: sft.batch.rows, fittingRows } };
}

/** Stages of the same shape need the same. */
function memoised(predict: typeof predictPeakMemory): (shape: StageShape) => MemoryPrediction {
  const known = new Map<string, MemoryPrediction>();
  return ({ decoder, options }) => {
    const { rows, length, bytesOfWeight } = options;
    const key = JSON.stringify([rows, length, bytesOfWeight !== undefined, Object.entries(decoder.blockParameters)]);
    const prediction = known.get(key) ?? predict(decoder, options);
    known.set(key, prediction);
    return prediction;
  };
}

/** Tokens of a prompt with its answer, where these are not known before they are read. */
const usualTokens = 512;
/** Answers that are written at once. */
const usualSlots = { samples: 8, tasks: 32 };

function samplingBytes(model: Decoder, { stages }: Recipe): number {
  const asks = stages.filter(isTrainingStage).some((stage) => settingsOf(stage).samples != null);
  return asks ? frozenBytes(model, 'f32') + cacheOf(model, usualSlots.samples) : 0;
}

/** The model in memory has gone, and one that is read for the tasks is there until it is frozen. */
function taskBytes(model: Decoder, { evaluation, stages }: Recipe): number {
  const asked = stages.flatMap((stage) => ('evaluate' in stage ? [stage.evaluate.precision] : []));
  if (evaluation.tasks.on.length > 0) asked.push(evaluation.tasks.precision);
  const forms = asked.map((precision) => weightBytes(model) + frozenBytes(model, precision));
  return forms.length === 0 ? 0 : Math.max(...forms) + cacheOf(model, usualSlots.tasks);
}

/** Of samples, and of tasks, whose rows are chosen by what is free. */
function pairAnswerBytes({ sizes }: EncoderDecoder, { evaluation, stages }: Recipe): number {
  const samples = stages.some((stage) => 'sft' in stage && stage.sft.samples != null);
  const tasks = evaluation.tasks.on.length > 0 || stages.some((stage) => 'evaluate' in stage);
  const rows = Math.max(samples ? usualSlots.samples : 0, tasks ? usualSlots.tasks : 0);
  return rows === 0 ? 0 : readingBytes(sizes, { rows, inputLength: usualTokens, maxTokens: usualTokens });
}

const cacheOf = (model: Decoder, slots: number): number =>
  cacheBytes(model, { slots, capacity: Math.min(model.sizes.positions, usualTokens) });

const weightBytes = ({ parameters }: Pick<Decoder, 'parameters'>): number =>
  parameters.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);

function memoryNow(): MemoryNow {
  const resident = process.memoryUsage.rss();
  return { resident, available: resident + process.availableMemory() };
}

/** Greatest resident memory of this process so far, in bytes. */
export const peakMemory = (): number => 1024 * process.resourceUsage().maxRSS;
