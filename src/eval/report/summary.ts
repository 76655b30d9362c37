/**
 * What an evaluation came to: everything that its report shows and `results.json` keeps, computed from the scores of its
 * items. Plain JSON: what is not a finite number is null, what does not apply is null too.
 */
import type { Environment } from '../../observe/environment.ts';
import type { Usage } from '../model/language-model.ts';
import type { ItemClass } from '../tasks/task.ts';

export interface EvaluationSummary {
  readonly model: EvaluatedModel;
  /** How items were asked: `limit`, `fewShot`, `seed`, `chat` and the like. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  readonly usage: Usage;
  /** Who judged free text, and what that took; absent where nobody did. */
  readonly judge?: { readonly name: string; readonly identity: string; readonly usage: Usage };
  readonly environment: Environment;
  /** Command lines that make the evaluation again. */
  readonly commands: readonly string[];
  /** Coverage of every interval. */
  readonly confidence: number;
  readonly tasks: readonly TaskSummary[];
  readonly capabilities: readonly CapabilitySummary[];
}

export interface EvaluatedModel {
  readonly name: string;
  readonly identity: string;
  /** Tokens; null where it is not known. */
  readonly contextLength: number | null;
  /** What is done instead of exact likelihoods; null where they are exact. */
  readonly scoringLimitation: string | null;
}

/** The tasks of one capability that have a place on a scale from chance (0) to all right (1). */
export interface CapabilitySummary {
  readonly name: string;
  /** Names of tasks. */
  readonly tasks: readonly string[];
  /** Mean over tasks of (value - random) / (1 - random), below 0 where a model is worse than chance. */
  readonly score: number;
}

export interface TaskSummary {
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly hash: string;
  readonly items: number;
  /** The options of the items where all have the same; null where not. */
  readonly labels: readonly string[] | null;
  /** Groups of items that are not independent; null where every item is by itself. */
  readonly clusters: number | null;
  /** Items that were answered in an earlier, interrupted evaluation. */
  readonly kept: number;
  /** The headline first. */
  readonly metrics: readonly MetricSummary[];
  readonly classes: Readonly<Record<ItemClass, number>>;
  readonly majority: { readonly label: string; readonly accuracy: number } | null;
  readonly slices: readonly SliceSummary[];
  /** Values of slices beyond those that are shown, the smallest ones. */
  readonly omittedSlices: number;
  readonly calibration: Calibration | null;
  readonly confusion: LabelConfusion | null;
  readonly lengths: AnswerLengths | null;
  readonly errors: ErrorList;
  readonly warnings: readonly TaskWarning[];
}

/** One column of results, for all items or a part of them. */
export interface MetricSummary {
  readonly metric: string;
  readonly filter: string;
  readonly aggregation: string;
  readonly higherIsBetter: boolean;
  readonly value: number | null;
  readonly interval: MetricInterval | null;
  readonly stderr: number | null;
  /** Items with a score. */
  readonly n: number;
  /** Items without. */
  readonly missing: number;
  /** Share of answers that nothing was read from; null for likelihoods, and where answers are scored as they are. */
  readonly unread: number | null;
  /** Share of answers that were cut off at the limit; null for likelihoods. */
  readonly truncated: number | null;
  /** The metric of options picked at random; null where there are none. */
  readonly random: number | null;
  /** The metric of always the most frequent label. */
  readonly majority: number | null;
  /** Smallest true difference to another model's published score that would be found 4 times in 5. */
  readonly detectable: number | null;
  /** Whether 1 is the best that there is, as for accuracies and F1, but not for perplexities. */
  readonly isShare: boolean;
}

export interface MetricInterval {
  readonly low: number;
  readonly high: number;
  /** `normal` from the standard error, for metrics that are not resampled. */
  readonly method: 'wilson' | 'bootstrap' | 'normal';
}

/** The headline metric of the items that have one value of a slice. */
export interface SliceSummary extends MetricSummary {
  readonly slice: string;
  readonly of: string;
}

/** Probability of the chosen option against how often it is right, in bins of equal width. */
export interface Calibration {
  /** Only bins that hold items. */
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error: mean distance between both, weighted by items (Guo et al. 2017, equation 3). */
  readonly error: number;
  readonly n: number;
}

interface CalibrationBin {
  /** Mean probability of the chosen option. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export interface LabelConfusion {
  readonly metric: string;
  readonly filter: string;
  readonly labels: readonly string[];
  /** [labels][labels + 1] by right and predicted label; the last column counts answers that are none of the labels. */
  readonly counts: readonly (readonly number[])[];
}

export interface AnswerLengths {
  /** Most tokens that an answer could have. */
  readonly limit: number;
  /** Tokens of a bin: bin i holds lengths from i x width. */
  readonly width: number;
  readonly finished: readonly number[];
  readonly cutOff: readonly number[];
  readonly median: number;
}

export interface ErrorList {
  /** Wrong items. */
  readonly total: number;
  /** How those shown were chosen: the surest first, or spread evenly over the items. */
  readonly order: 'confidence' | 'spread';
  readonly shown: readonly WrongItem[];
}

export interface WrongItem {
  readonly id: string;
  readonly class: ItemClass;
  readonly prompt: Excerpt;
  readonly gold: readonly Excerpt[];
  /** Null where nothing was written. */
  readonly answer: Excerpt | null;
  /** What each filter read. */
  readonly extracted: readonly { readonly filter: string; readonly text: Excerpt | null }[];
  /** Empty where options have no likelihoods. */
  readonly options: readonly OptionShare[];
}

export interface OptionShare {
  readonly text: Excerpt;
  /** Among the options. */
  readonly probability: number;
  readonly isGold: boolean;
}

/** A text as far as it is kept: its start and its end, or all of it as the start. */
export interface Excerpt {
  readonly start: string;
  /** Characters (UTF-16 units) that were left out between both. */
  readonly omitted: number;
  readonly end: string;
}

export interface TaskWarning {
  readonly kind: 'definition' | 'data' | 'contamination' | 'borders' | 'scoring';
  readonly text: string;
}
