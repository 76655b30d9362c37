/**
 * Optimizer steps: draw the micro-batches of a step, accumulate their gradients, clip, update. What a step computes
 * follows from the parameters, the moments and `state()` alone, so a run that is restored goes on with the same bits.
 */
import { z } from 'zod';
import type { PackedBatch } from '../data/packed-batch.ts';
import { InputError } from '../errors.ts';
import type { StepOptions } from '../objectives/causal-lm/program.ts';
import { clippingScale } from './optimizers/adamw.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import { learningRateAt, type Schedule } from './schedule.ts';

/** Computes the gradients of a batch; see `CausalLmProgram`. */
interface GradientProgram<Batch> {
  /** Sum of the labels' losses in nats. */
  forwardBackward(batch: Batch, options: StepOptions): Promise<number>;
}

/** What is counted of a batch. */
type CountedBatch = Pick<PackedBatch, 'labelCount' | 'tokens' | 'examples'>;

interface BatchSource<Batch> {
  /** `undefined` when the data is used up. */
  next(): Batch | undefined;
  /** JSON-serialisable. */
  state(): unknown;
  restore(state: unknown): void;
}

export interface TrainerOptions<Batch extends CountedBatch = PackedBatch> {
  readonly program: GradientProgram<NoInfer<Batch>>;
  readonly optimizer: Optimizer;
  readonly batches: BatchSource<Batch>;
  readonly schedule: Schedule;
  /** Batches of one optimizer step. */
  readonly accumulationSteps: number;
  readonly maxGradientNorm: number;
  /** Asked before an update whose figures are finite: a reason to leave the step out, if there is one. */
  readonly review?: (figures: StepFigures) => string | undefined;
}

/** What is known of a step before its update. */
export interface StepFigures {
  /** Steps done, this one included. */
  readonly step: number;
  /** Mean loss per label in nats. */
  readonly loss: number;
  readonly labels: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
}

export interface StepReport extends StepFigures {
  /** Tokens that are not padding. */
  readonly tokens: number;
  /** Examples, which with packing are more than rows. */
  readonly examples: number;
  /** Why the parameters were left alone, where loss or gradients are not finite or the review said so. */
  readonly skipped?: string;
}

const count = z.int().nonnegative();
const stateSchema = z.strictObject({
  step: count,
  optimizerSteps: count,
  tokens: count,
  skippedSteps: count,
  consecutiveSkips: count,
  batches: z.unknown(),
});

/** JSON-serialisable. */
export type TrainerState = z.infer<typeof stateSchema>;

export class Trainer<Batch extends CountedBatch = PackedBatch> {
  readonly #options: TrainerOptions<Batch>;
  #step = 0;
  #tokens = 0;
  #skippedSteps = 0;
  #consecutiveSkips = 0;

  constructor(options: TrainerOptions<Batch>) {
    this.#options = options;
  }

  /** Steps done, skipped ones included. */
  get step(): number {
    return this.#step;
  }

  get steps(): number {
    return this.#options.schedule.steps;
  }

  /** Tokens trained on since the run began, padding left out. */
  get tokens(): number {
    return this.#tokens;
  }

  get skippedSteps(): number {
    return this.#skippedSteps;
  }

  /** Skipped steps since the last good one. */
  get consecutiveSkips(): number {
    return this.#consecutiveSkips;
  }

  /**
   * One optimizer step; `undefined` when the run is complete or its data is used up. Every label weighs the same, in
   * whichever micro-batch it is: losses are divided by the labels of the whole step.
   */
  async next(): Promise<StepReport | undefined> {
    const { program, optimizer, schedule, maxGradientNorm, review } = this.#options;
    if (this.#step >= schedule.steps) return undefined;
    const batches = this.#draw();
    if (batches.length === 0) return undefined;
    const sum = (value: (batch: Batch) => number) => batches.reduce((total, batch) => total + value(batch), 0);
    const labels = sum(({ labelCount }) => labelCount);
    const tokens = sum((batch) => batch.tokens);
    let nats = 0;
    for (const [i, batch] of batches.entries()) {
      nats += await program.forwardBackward(batch, { labelWeight: 1 / Math.max(1, labels), accumulate: i > 0 });
    }
    const loss = nats / Math.max(1, labels);
    const learningRate = learningRateAt(this.#step, schedule);
    const { norm, firstNonFinite } = optimizer.gradientNorm();
    const figures: StepFigures = { step: this.#step + 1, loss, labels, learningRate, gradientNorm: norm };
    const skipped = notFinite(figures, firstNonFinite) ?? review?.(figures);
    if (skipped === undefined) {
      await optimizer.step({ learningRate, gradientScale: clippingScale(norm, maxGradientNorm) });
      this.#consecutiveSkips = 0;
    } else {
      this.#skippedSteps++;
      this.#consecutiveSkips++;
    }
    this.#step++;
    this.#tokens += tokens;
    const examples = sum((batch) => batch.examples);
    return { ...figures, tokens, examples, skipped };
  }

  state(): TrainerState {
    return {
      step: this.#step,
      optimizerSteps: this.#options.optimizer.stepsTaken,
      tokens: this.#tokens,
      skippedSteps: this.#skippedSteps,
      consecutiveSkips: this.#consecutiveSkips,
      batches: this.#options.batches.state(),
    };
  }

  /** Goes on from `state()`; parameters and moments are restored by the caller. @throws InputError if it does not fit. */
  restore(state: unknown): void {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success) {
      throw new InputError({
        field: `training state, ${parsed.error.issues[0].path.join('.') || 'document'}`,
        found: parsed.error.issues[0].message,
        expected: 'what this version writes',
        fix: 'Go on from another checkpoint of the run, or start a new run.',
      });
    }
    this.#options.batches.restore(parsed.data.batches);
    this.#options.optimizer.stepsTaken = parsed.data.optimizerSteps;
    this.#step = parsed.data.step;
    this.#tokens = parsed.data.tokens;
    this.#skippedSteps = parsed.data.skippedSteps;
    this.#consecutiveSkips = parsed.data.consecutiveSkips;
  }

  /** The batches of one step; fewer where the data ends. */
  #draw(): Batch[] {
    const drawn: Batch[] = [];
    while (drawn.length < this.#options.accumulationSteps) {
      const batch = this.#options.batches.next();
      if (!batch) break;
      drawn.push(batch);
    }
    return drawn;
  }
}

/** What a loop knows of a trainer, whatever its batches are. */
export type AnyTrainer = Pick<Trainer, keyof Trainer>;

function notFinite({ labels, loss, learningRate }: StepFigures, firstNonFinite: string | null): string | undefined {
  if (labels === 0) return 'no token of the step is to be learnt';
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (!Number.isFinite(learningRate)) return `the learning rate is ${learningRate}`;
  return firstNonFinite === null ? undefined : `the gradient of ${firstNonFinite} is not finite`;
}
