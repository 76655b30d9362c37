/** The loop around optimizer steps: events, evaluators, checkpoints, interruption, and what ends a run before its time. */
import { GateError, InputError, InterruptedError } from '../errors.ts';
import type { Best, BestSoFar } from './best-so-far.ts';
import type { EarlyStopping } from './early-stopping.ts';
import type { LoopState } from './loop-state.ts';
import { Meter } from './meter.ts';
import type { AnyTrainer, StepReport } from './trainer.ts';
import type { Alarm, AlarmKind, Watchdog } from './watchdog.ts';

/**
 * Looks at the model now and then. It must only read: it draws its random numbers, if any, from a stream of its own, so
 * that a run is bitwise the same with and without it.
 */
export interface Evaluator {
  /** Unique in the run. */
  readonly name: string;
  /** Steps between evaluations; none otherwise. */
  readonly every?: number;
  /** Also before the first step, or also after the last one. */
  readonly atStart?: boolean;
  readonly atEnd?: boolean;
  /** Whether the best model is chosen, and the run stopped, by what it measures. Default false. */
  readonly judges?: boolean;
  evaluate(step: number): Promise<Readonly<Record<string, number>>>;
}

export interface LoopOptions {
  /** Steps between events. */
  readonly loggingSteps: number;
  /** Steps in a row that may be skipped before the run stops. */
  readonly maxSkippedSteps: number;
  readonly evaluators?: readonly Evaluator[];
  /** Each time one evaluation is the best so far, a checkpoint is saved. */
  readonly best?: BestSoFar;
  readonly earlyStopping?: EarlyStopping;
  readonly watchdog?: Watchdog;
  /** As it was saved, of a run that is continued. What is given above has its part of it already. */
  readonly state?: LoopState;
  /** Saves what is needed to go on from here. @throws InputError for weights that are not finite. */
  readonly save: (state: LoopState) => Promise<void>;
  /** Seconds between checkpoints; one is always saved when the loop is left. */
  readonly saveEverySeconds: number;
  readonly signal?: AbortSignal;
  readonly onEvent: (step: number, metrics: Readonly<Record<string, number | string>>) => void;
  readonly onStep?: (report: StepReport) => void;
  readonly onAlarm?: (alarm: Alarm) => void;
}

export interface LoopResult {
  /** The best evaluation, where one is looked for. */
  readonly best?: Best;
  /** Why the run ended before its last step. */
  readonly stopped?: string;
  /** How often each kind of alarm was raised. */
  readonly alarms: Readonly<Partial<Record<AlarmKind, number>>>;
}

/**
 * Runs the trainer to its end, or until evaluations stop getting better.
 * @throws InterruptedError after saving, when `signal` fires, also in the middle of an evaluation; GateError after saving,
 * when too many steps in a row were skipped or an alarm stops the run: the parameters are those after the last good step.
 * GateError too where the parameters themselves are not finite any more: what was saved before stays the last good state.
 */
export function runTraining(trainer: AnyTrainer, options: LoopOptions): Promise<LoopResult> {
  return new Loop(trainer, options).run();
}

class Loop {
  readonly #trainer: AnyTrainer;
  readonly #options: LoopOptions;
  readonly #meter: Meter;
  readonly #sinceEvaluation: Meter;
  readonly #evaluated: Record<string, number>;
  #savedAt = performance.now();
  #savedStep: number;
  /** Whether something was done that no checkpoint knows of. */
  #unsaved = false;

  constructor(trainer: AnyTrainer, options: LoopOptions) {
    const { state } = options;
    this.#trainer = trainer;
    this.#options = options;
    this.#meter = new Meter(state?.meter);
    this.#sinceEvaluation = new Meter(state?.sinceEvaluation);
    this.#evaluated = { ...state?.evaluated };
    this.#savedStep = trainer.step;
  }

  async run(): Promise<LoopResult> {
    const { best, earlyStopping, watchdog, saveEverySeconds } = this.#options;
    await this.#evaluate();
    while (earlyStopping?.stopped === undefined) {
      await this.#stopIfInterrupted();
      const report = await this.#trainer.next();
      if (!report) break;
      await this.#account(report);
      await this.#evaluate();
      if (performance.now() - this.#savedAt >= saveEverySeconds * 1000) await this.#checkpoint();
    }
    await this.#evaluate({ ended: true });
    await this.#checkpoint();
    return { best: best?.best, stopped: earlyStopping?.stopped, alarms: watchdog?.alarms ?? {} };
  }

  /** Tells a step to whoever wants to know. */
  async #account(report: StepReport): Promise<void> {
    const { loggingSteps, maxSkippedSteps, watchdog, onEvent, onStep, onAlarm } = this.#options;
    const { step, skipped } = report;
    const trainer = this.#trainer;
    this.#unsaved = true;
    this.#meter.add(report);
    this.#sinceEvaluation.add(report);
    onStep?.(report);
    if (skipped !== undefined) onEvent(step, { skipped, skipped_steps: trainer.skippedSteps });
    const alarms = watchdog?.observe(report) ?? [];
    for (const alarm of alarms) {
      onEvent(step, { [`watchdog/${alarm.kind}`]: alarm.message });
      onAlarm?.(alarm);
    }
    if (step % loggingSteps === 0 || step === trainer.steps) {
      onEvent(step, { ...this.#meter.take(), tokens: trainer.tokens });
    }
    const last = alarms.find(({ stop }) => stop);
    if (last) {
      await this.#checkpoint();
      throw alarmed(last, step);
    }
    if (skipped !== undefined && trainer.consecutiveSkips > maxSkippedSteps) {
      await this.#checkpoint();
      throw diverged(trainer, skipped);
    }
  }

  /** Asks the evaluators whose turn it is and who have not looked at this step, which a run that goes on may have done. */
  async #evaluate({ ended = false } = {}): Promise<void> {
    const { evaluators = [], onEvent } = this.#options;
    const { step } = this.#trainer;
    try {
      for (const evaluator of evaluators) {
        if (this.#evaluated[evaluator.name] === step || !this.#isDue(evaluator, ended)) continue;
        const measured = await evaluator.evaluate(step);
        onEvent(step, measured);
        this.#evaluated[evaluator.name] = step;
        this.#unsaved = true;
        if (evaluator.judges) await this.#judge(measured);
        this.#meter.pause();
      }
    } catch (error) {
      await this.#stopIfInterrupted();
      throw error;
    }
  }

  #isDue({ every, atStart, atEnd }: Evaluator, ended: boolean): boolean {
    const { step, steps } = this.#trainer;
    if (ended) return atEnd === true;
    if (step === 0) return atStart === true;
    return every !== undefined && step % every === 0 && step !== steps;
  }

  async #judge(measured: Readonly<Record<string, number>>): Promise<void> {
    const { best, earlyStopping, onEvent } = this.#options;
    const { step } = this.#trainer;
    const { loss } = this.#sinceEvaluation.take();
    const all = { ...measured, ...(loss !== undefined && { loss }) };
    earlyStopping?.observe(step, all);
    if (earlyStopping?.stopped !== undefined) onEvent(step, { early_stopping: earlyStopping.stopped });
    if (!best?.observe(step, all)) return;
    onEvent(step, { [`best/${best.metric.name}`]: best.best!.value });
    await this.#checkpoint();
  }

  async #checkpoint(): Promise<void> {
    const { save } = this.#options;
    if (this.#unsaved) {
      await save(this.#state()).catch((error: unknown) => {
        throw error instanceof InputError ? overflowed(error, this.#savedStep) : error;
      });
    }
    this.#unsaved = false;
    this.#savedStep = this.#trainer.step;
    this.#savedAt = performance.now();
    this.#meter.pause();
  }

  #state(): LoopState {
    const { best, earlyStopping, watchdog } = this.#options;
    return {
      meter: this.#meter.state(),
      sinceEvaluation: this.#sinceEvaluation.state(),
      evaluated: { ...this.#evaluated },
      best: best?.state(),
      earlyStopping: earlyStopping?.state(),
      watchdog: watchdog?.state(),
    };
  }

  async #stopIfInterrupted(): Promise<void> {
    if (!this.#options.signal?.aborted) return;
    await this.#checkpoint();
    throw interrupted(this.#trainer.step);
  }
}

const interrupted = (step: number) =>
  new InterruptedError({
    field: 'run',
    found: 'training was asked to stop',
    expected: 'the run to reach its end',
    fix: `Step ${step} is saved: give the same command again to go on.`,
  });

const alarmed = ({ kind, message }: Alarm, step: number) =>
  new GateError({
    field: `watchdog, ${kind}`,
    found: message,
    expected: 'a healthy run',
    fix: `Step ${step} is saved: give the same command again to go on after it, or change what the alarm names.`,
  });

const diverged = ({ consecutiveSkips, step }: AnyTrainer, reason: string) =>
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
