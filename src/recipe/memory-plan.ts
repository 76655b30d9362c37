/** Whether a run fits into memory: told before its first step, and compared with what it took when it is done. */
import type { Decoder } from '../models/decoder.ts';
import { largestBatch, predictPeakMemory, predictScoringMemory } from '../objectives/causal-lm/memory.ts';
import { shapeOfStage } from './plan/stage-shape.ts';
import type { Recipe } from './schema/recipe.ts';
import { isTrainingStage } from './stage.ts';

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

/** Looks at every stage and at the measurements between them. @throws UsageError for an adapter that does not fit the model */
export function planMemory(model: Decoder, { stages, evaluation }: Recipe, available = availableMemory()): MemoryPlan {
  const training = stages.filter(isTrainingStage);
  const shapes = training.map((stage) => shapeOfStage(model, stage));
  const needs = shapes.map(({ decoder, options }) => predictPeakMemory(decoder, options).bytes);
  const predicted = Math.max(predictScoringMemory(model, evaluation.bits_per_byte).bytes, ...needs);
  const place = needs.findIndex((bytes) => bytes > available);
  if (place < 0) return { predicted, available };
  const { name: stage } = training[place];
  const { decoder, options } = shapes[place];
  const { rows } = options;
  return {
    predicted,
    available,
    tooLarge: { stage, rows, fittingRows: largestBatch(decoder, { ...options, bytes: available, limit: rows }) },
  };
}

const availableMemory = (): number => process.memoryUsage.rss() + process.availableMemory();

/** Greatest resident memory of this process so far, in bytes. */
export const peakMemory = (): number => 1024 * process.resourceUsage().maxRSS;
