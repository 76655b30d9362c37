/** What the optimizer steps of a stage learn from, looked at before the first of them. */
import type { PackedBatch } from '../data/packed-batch.ts';
import { formatAmount, formatCount, formatShare } from '../observe/numbers.ts';

export interface BatchStatistics {
  /** Examples of an optimizer step: with packing more than its rows, and what a learning rate should be chosen for. */
  readonly examples: number;
  /** Tokens of an optimizer step, padding left out. */
  readonly tokens: number;
  /** Share of these that are learnt. */
  readonly learnt: number;
  /** Share of the places that hold tokens and no padding. */
  readonly fill: number;
}

/** What is counted of a batch: rows and places of a row, and what they hold. */
export type LearntBatch = Pick<PackedBatch, 'rows' | 'length' | 'labelCount' | 'tokens' | 'examples'>;

interface RewindableBatches {
  next(): LearntBatch | undefined;
  state(): unknown;
  restore(state: unknown): void;
}

/** Share of learnt tokens below which template or masks are wrong more often than not. */
const leastLearnt = 0.01;

/** Places of the batches that are looked at: enough for a share of 1% to be told from one of 2%, in well under a second. */
const placesSurveyed = 2 ** 19;

export interface SurveyOptions {
  /** Optimizer steps of the run, and batches of each. */
  readonly steps: number;
  readonly accumulationSteps: number;
}

/** Draws the first batches of a run, all of a short one, and puts them back. */
export function surveyBatches(
  batches: RewindableBatches,
  { steps: runSteps, accumulationSteps }: SurveyOptions,
): BatchStatistics {
  const state = batches.state();
  const sums = { batches: 0, examples: 0, tokens: 0, labels: 0, places: 0 };
  while (sums.places < placesSurveyed && sums.batches < runSteps * accumulationSteps) {
    const batch = batches.next();
    if (!batch) break;
    sums.batches++;
    sums.examples += batch.examples;
    sums.tokens += batch.tokens;
    sums.labels += batch.labelCount;
    sums.places += batch.rows * batch.length;
  }
  batches.restore(state);
  const steps = Math.max(1, sums.batches / accumulationSteps);
  return {
    examples: sums.examples / steps,
    tokens: sums.tokens / steps,
    learnt: sums.labels / Math.max(1, sums.tokens),
    fill: sums.tokens / Math.max(1, sums.places),
  };
}

/** `2,000 steps of 31.4 examples and 1.98k tokens, of which 24.1% are learnt; rows are 96.5% full` */
export function describeBatches({ examples, tokens, learnt, fill }: BatchStatistics, steps: number): string {
  const step = `${formatAmount(examples)} examples and ${formatAmount(tokens)} tokens`;
  return `${formatCount(steps)} steps of ${step}, of which ${formatShare(learnt)} are learnt; rows are ${formatShare(fill)} full`;
}

/** What is wrong with them; `undefined` if nothing is. */
export function batchWarning({ learnt }: BatchStatistics): string | undefined {
  if (learnt >= leastLearnt) return undefined;
  return `only ${(100 * learnt).toPrecision(2)}% of the tokens are learnt: look at the chat template and the answers`;
}
