/** What a stage told when it was done, as finished.json keeps it. */
import { z } from 'zod';
import type { StageResult } from '../../stages/train-stage.ts';
import type { ResultId } from '../plan/plan-stages.ts';

const count = z.int().nonnegative();

const training: z.ZodType<StageResult> = z.strictObject({
  steps: count,
  tokens: count,
  skippedSteps: count,
  epochs: z.record(z.string(), z.number().nonnegative()),
  fill: z.number().min(0).max(1),
  best: z.strictObject({ metric: z.string(), step: count, value: z.number() }).nullable(),
  stopped: z.string().nullable(),
  alarms: z.record(z.string(), count),
});
const embedding = z.strictObject({
  steps: count,
  tokens: count,
  skippedSteps: count,
  epochs: z.record(z.string(), z.number().nonnegative()),
  /** Parameters that were trained: those of the model, or of an adapter over it. */
  trainable: count,
});
const nothing = z.strictObject({});
const merged = z.strictObject({ tensors: count, bytes: count, warnings: z.array(z.string()) });
const exported = z.strictObject({ folder: z.string() });

/** By kind of stage. */
export const outcomeSchemas = {
  base: nothing,
  cpt: training,
  sft: training,
  joint: training,
  contrastive: embedding,
  merge: merged,
  evaluate: nothing,
  export: exported,
} satisfies Readonly<Record<ResultId['kind'], z.ZodType>>;

export type EmbeddingOutcome = z.infer<typeof embedding>;
export type Outcome =
  | StageResult
  | EmbeddingOutcome
  | z.infer<typeof merged>
  | z.infer<typeof exported>
  | z.infer<typeof nothing>;

export const isOfTraining = (outcome: Outcome): outcome is StageResult | EmbeddingOutcome => 'steps' in outcome;
