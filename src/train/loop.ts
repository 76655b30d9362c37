/** The loop around optimizer steps: events, progress, evaluators, checkpoints, interruption. */
import { GateError, InterruptedError } from '../errors.ts';
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
  /** Saves what is needed to go on from here. */
  readonly save: () => Promise<void>;
  /** Seconds between checkpoints; one is always saved when the loop is left. */
  readonly saveEverySeconds: number;
  readonly signal?: AbortSignal;
  readonly onEvent: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport) => void;
}

/**
 * Runs the trainer to its end.
 * @throws InterruptedError after saving, when `signal` fires; GateError after saving, when too many steps in a row were
 * not finite: the parameters are those after the last good step.
 */
export async function runTraining(trainer: Trainer, options: LoopOptions): Promise<void> {
  const { loggingSteps, evaluators = [], save, saveEverySeconds, signal, onEvent, onStep } = options;
  let savedAt = performance.now();
  let savedStep = trainer.step;
  const checkpoint = async () => {
    if (savedStep !== trainer.step) await save();
    savedStep = trainer.step;
    savedAt = performance.now();
  };
  const since = meter();
  for (;;) {
    if (signal?.aborted) {
      await checkpoint();
      throw interrupted(trainer.step);
    }
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
    if (report.step % loggingSteps === 0 || report.step === trainer.steps) onEvent(report.step, since.take(trainer));
    for (const { every, evaluate } of evaluators) {
      if (report.step % every !== 0 || report.step === trainer.steps) continue;
      onEvent(report.step, await evaluate());
      since.pause();
    }
    if (performance.now() - savedAt >= saveEverySeconds * 1000) {
      await checkpoint();
      since.pause();
    }
  }
  await checkpoint();
}

/** Means between two events. Speed leaves evaluations and checkpoints out. */
function meter() {
  let [nats, labels, tokens, steps, norms, milliseconds, learningRate] = [0, 0, 0, 0, 0, 0, 0];
  let from = performance.now();
  return {
    add(report: StepReport): void {
      const now = performance.now();
      milliseconds += now - from;
      from = now;
      tokens += report.tokens;
      learningRate = report.learningRate;
      if (report.skipped !== undefined) return;
      nats += report.loss * report.labels;
      labels += report.labels;
      norms += report.gradientNorm;
      steps++;
    },
    pause(): void {
      from = performance.now();
    },
    take(trainer: Trainer): Record<string, number> {
      const metrics = {
        ...(steps > 0 && { loss: nats / labels, grad_norm: norms / steps }),
        learning_rate: learningRate,
        tokens: trainer.tokens,
        tokens_per_second: tokens / (milliseconds / 1000),
      };
      [nats, labels, tokens, steps, norms, milliseconds] = [0, 0, 0, 0, 0, 0];
      return metrics;
    },
  };
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
