/** All that a report tells about a run, as data. */
import type { SetBits, SourceBits } from '../eval/bits-per-byte.ts';
import type { Interval } from '../eval/statistics/interval.ts';
import type { Environment } from '../observe/environment.ts';
import type { RunEvent } from '../observe/events.ts';
import type { Sample } from '../stages/samples/generate-samples.ts';
import type { StageResult } from '../stages/train-stage.ts';
import type { BaseCard } from './base-card.ts';
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
  /** What it says to the prompts of the run. */
  readonly samples: readonly Sample[];
}

/** The headline of a task, as `finery eval` gives it. */
export interface TaskFigure {
  readonly task: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** Null where no item has a score. */
  readonly value: number | null;
  readonly stderr: number | null;
  /** Where the value would probably lie on other items; null where nothing can be said. */
  readonly interval: Limits | null;
  readonly n: number;
  /** What is added to the base's value on the items that both answered; absent for the base, null without such items. */
  readonly change?: { readonly value: number; readonly interval: Limits | null } | null;
}

type Limits = Pick<Interval, 'low' | 'high'>;

/** A stage that gave a model. */
export interface ModelSummary {
  /** As in the events. */
  readonly name: string;
  /** What it started from, or a merge is compared with: `base`, or a stage. */
  readonly from: string;
  /** Name of the folder of its result, which has a part of the hash of all that it depends on. */
  readonly result: string;
  /** How its result compares with what it started from; absent where that was not asked. */
  readonly gate?: GateResult;
}

/** A stage that merged models. */
export interface MergeSummary extends ModelSummary {
  readonly method: string;
  /** As the recipe names them: stages, folders and hub ids. */
  readonly models: readonly string[];
}

/** A stage that trained. */
export interface StageSummary extends ModelSummary, Partial<Pick<StageResult, 'stopped' | 'best' | 'alarms'>> {
  /** Parameters that it changed: those of the model, or of an adapter over it. */
  readonly trainable: number;
  readonly steps: number;
  readonly tokens: number;
  /** Steps left out because a loss or gradient was not finite. */
  readonly skippedSteps: number;
  /** Passes over each set. */
  readonly epochs: Readonly<Record<string, number>>;
  /** Share of the places of a batch that hold tokens and no padding. */
  readonly fill?: number;
}

/** What a stage of evaluation found; `tasks` is absent where the run did not come so far. */
export interface EvaluationSummary {
  readonly name: string;
  /** The model: `base`, or a stage. */
  readonly of: string;
  readonly tasks?: readonly TaskFigure[];
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

interface BaseSummary {
  readonly description: string;
  readonly parameters: number;
  /** What the base says of itself in its model card; absent for a model that was made here. */
  readonly card?: BaseCard;
  /** Whether it answers a text with another, as T5 does, and so do the models of the run. */
  readonly isTextToText?: true;
}

export interface RunSummary extends Environment {
  readonly recipe: Recipe;
  readonly state: RunState;
  readonly base: BaseSummary;
  /** The base first, then after each stage. */
  readonly measurements: readonly Measurement[];
  /** Those that trained, in order. */
  readonly stages: readonly StageSummary[];
  readonly merges: readonly MergeSummary[];
  readonly evaluations: readonly EvaluationSummary[];
  readonly data: Readonly<Record<string, DataSummary>>;
  readonly events: readonly RunEvent[];
  /** Start in ISO 8601, and seconds that the run took. */
  readonly timing: { readonly started: string; readonly seconds: number };
  /** Greatest resident memory of the process in bytes: as predicted before the first step, and as it was. */
  readonly memory: { readonly predicted: number; readonly peak: number };
  /** SHA-256 in hexadecimal: `base` of the model's weights, `data` of all that was read, `recipe` of the resolved recipe. */
  readonly hashes: Readonly<Record<string, string>>;
  /** What to type to get this run again. */
  readonly commands: readonly string[];
}
