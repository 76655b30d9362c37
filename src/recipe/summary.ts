/** All that a report tells about a run, as data. */
import type { SetBits, SourceBits } from '../eval/bits-per-byte.ts';
import type { Interval } from '../eval/statistics/interval.ts';
import type { Environment } from '../observe/environment.ts';
import type { RunEvent } from '../observe/events.ts';
import type { GateResult } from './gate.ts';
import type { RunState } from './run-folder.ts';
import type { Recipe } from './schema/recipe.ts';

/** Bits per byte of a part of a set, with its interval. */
export interface MeasuredSource extends SourceBits {
  /** Relative change since the base, over the same documents: -0.1 is 10% fewer bits. Absent for the base. */
  readonly change?: Interval;
}

export interface MeasuredSet extends SetBits, MeasuredSource {
  readonly sources: readonly MeasuredSource[];
}

export interface Measurement {
  /** `base`, or the name of the stage that it was made after. */
  readonly at: string;
  /** Tokens that this model was trained on since the base. */
  readonly tokensSeen: number;
  readonly sets: readonly MeasuredSet[];
  /** Headlines of the tasks that every model is asked; absent where there are none. */
  readonly tasks?: readonly TaskFigure[];
}

/** One number of a task, as `finery eval` gives it. */
interface TaskFigure {
  readonly task: string;
  readonly metric: string;
  readonly value: number | null;
  readonly stderr: number | null;
  readonly n: number;
}

/** A stage that trained. */
export interface StageSummary {
  /** As in the events. */
  readonly name: string;
  /** How its result compares with what it started from; absent where that was not asked. */
  readonly gate?: GateResult;
  readonly steps: number;
  readonly tokens: number;
  /** Steps left out because a loss or gradient was not finite. */
  readonly skippedSteps: number;
  /** Passes over each set. */
  readonly epochs: Readonly<Record<string, number>>;
  /** Share of the places of a batch that hold tokens and no padding. */
  readonly fill?: number;
}

/** A set as it was read: its training part, and how many documents were held out. */
interface DataSummary {
  readonly documents: number;
  readonly tokens: number;
  /** UTF-8. */
  readonly bytes: number;
  readonly heldOutDocuments: number;
  /** Records that could not be read. */
  readonly skipped: number;
}

export interface RunSummary extends Environment {
  readonly recipe: Recipe;
  readonly state: RunState;
  readonly base: { readonly description: string; readonly parameters: number };
  /** The base first, then after each stage. */
  readonly measurements: readonly Measurement[];
  /** Those that trained, in order. */
  readonly stages: readonly StageSummary[];
  readonly data: Readonly<Record<string, DataSummary>>;
  readonly events: readonly RunEvent[];
  /** Start in ISO 8601, and seconds that the run took. */
  readonly timing: { readonly started: string; readonly seconds: number };
  /** Greatest resident memory of the process in bytes: as predicted before the first step, and as it was. */
  readonly memory: { readonly predicted: number; readonly peak: number };
  /** What to type to get this run again. */
  readonly commands: readonly string[];
}
