/** The loop around optimizer steps: events, progress, evaluators, checkpoints, interruption. */
import { GateError, InputError, InterruptedError } from '../errors.ts';
import { Meter, type MeterState } from './meter.ts';
import type { StepReport, Trainer } from './trainer.ts';

/**
 * Looks at the model now and then. It must only read: it draws its random numbers, if any, from a stream of its own, so
 * that a run is bitwise the same with and without it.
 */
export interface Evaluator {
  /** Steps between evaluations. */
  readonly every: number;
  evaluate(): Promise<Readonly<Record<string, number>>>;
}

export interface LoopOptions {
  /** Steps between events. */
  readonly loggingSteps: number;
  /** Steps in a row that may be skipped before the run stops. */
  readonly maxSkippedSteps: number;
  readonly evaluators?: readonly Evaluator[];
  /** Whether to begin with the evaluations of the step that the run goes on from: it was interrupted in them. */
  readonly evaluateFirst?: boolean;
  /** What the run that is continued had measured since its last event. */
  readonly meter?: MeterState;
  /** Saves what is needed to go on from here. @throws InputError for weights that are not finite. */
  readonly save: (meter: MeterState) => Promise<void>;
  /** Seconds between checkpoints; one is always saved when the loop is left. */
  readonly saveEverySeconds: number;
  readonly signal?: AbortSignal;
  readonly onEvent: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport) => void;
}

/**
 * Runs the trainer to its end.
 * @throws InterruptedError after saving, when `signal` fires, also in the middle of an evaluation; GateError after saving,
 * when too many steps in a row were not finite: the parameters are those after the last good step. GateError too where
 * the parameters themselves are not finite any more: what was saved before stays the last good state.
 */
export async function runTraining(trainer: Trainer, options: LoopOptions): Promise<void> {
  const { loggingSteps, evaluators = [], save, saveEverySeconds, signal, onEvent, onStep } = options;
  let savedAt = performance.now();
  let savedStep = trainer.step;
  const since = new Meter(options.meter);
  const checkpoint = async () => {
    if (savedStep !== trainer.step) {
      await save(since.state()).catch((error: unknown) => {
        throw error instanceof InputError ? overflowed(error, savedStep) : error;
      });
    }
    savedStep = trainer.step;
    savedAt = performance.now();
  };
  const look = async () => {
    for (const { every, evaluate } of evaluators) {
      if (trainer.step % every !== 0 || trainer.step === trainer.steps) continue;
      onEvent(trainer.step, await evaluate());
      since.pause();
    }
  };
  const stopIfInterrupted = async () => {
    if (!signal?.aborted) return;
    await checkpoint();
    throw interrupted(trainer.step);
  };
  const lookUnlessInterrupted = () =>
    look().catch(async (error: unknown) => {
      await stopIfInterrupted();
      throw error;
    });
  if (options.evaluateFirst) await lookUnlessInterrupted();
  for (;;) {
    await stopIfInterrupted();
    const report = await trainer.next();
    if (!report) break;
    since.add(report);
    onStep?.(report);
    if (report.skipped !== undefined) {
      onEvent(report.step, { skipped: report.skipped, skipped_steps: trainer.skippedSteps });
      if (trainer.consecutiveSkips > options.maxSkippedSteps) {
        await checkpoint();
        throw diverged(trainer, report.skipped);
      }
    }
    if (report.step % loggingSteps === 0 || report.step === trainer.steps) {
      onEvent(report.step, { ...since.take(), tokens: trainer.tokens });
    }
    await lookUnlessInterrupted();
    if (performance.now() - savedAt >= saveEverySeconds * 1000) {
      await checkpoint();
      since.pause();
    }
  }
  await checkpoint();
}

const interrupted = (step: number) =>
  new InterruptedError({
    field: 'run',
    found: 'an interruption',
    expected: 'the run to reach its end',
    fix: `Step ${step} is saved: give the same command again to go on.`,
  });

const diverged = ({ consecutiveSkips, step }: Trainer, reason: string) =>
  new GateError({
    field: 'training',
    found: `${consecutiveSkips} steps in a row that were skipped, the last because ${reason}`,
    expected: 'finite losses and gradients',
    fix: `The parameters after the last good step are saved (step ${step}). Lower learning_rate or max_grad_norm, or look at the data.`,
  });

const overflowed = ({ problem }: InputError, savedStep: number) =>
  new GateError({
    field: problem.field,
    found: problem.found,
    expected: 'finite weights after each step',
    fix:
      savedStep > 0
        ? `Step ${savedStep} is the last that was saved. Lower learning_rate or weight_decay.`
        : 'Lower learning_rate or weight_decay.',
  });
