/**
 * An evaluation task, its items, and what comes out of scoring them. The way through:
 *
 *     await loadTask(file)                     -> Task          load-task.ts   the definition, checked
 *     await itemsOf(task, options)             -> TaskItem[]    items.ts       documents read, prompts written
 *     requestsOf(task, item)                   -> ItemRequests  requests.ts    what a model is asked
 *     await scoreItem(task, item, responses)   -> ItemScore     score-item.ts  needs no model: can be done again later
 *     aggregate(task, scores)                  -> TaskResult    aggregate.ts   numbers with standard errors
 *
 * Scoring waits only for programs that a sandbox runs and for judges; the same responses always score the same.
 *
 * Definitions follow lm-evaluation-harness: fields, prompt assembly, metrics and filters mean there what they mean here.
 */
import type {
  Answer,
  AnswerRequest,
  ContinuationRequest,
  ContinuationScore,
  Outcome,
  Prompt,
  TextScore,
} from '../model/language-model.ts';
import type { TaskConfig } from './schema.ts';

export interface Task {
  readonly kind: 'task';
  readonly name: string;
  /** For people; the name unless `task_alias` says otherwise. */
  readonly alias: string;
  readonly tags: readonly string[];
  /** `metadata.version`; results of different versions are not comparable. */
  readonly version: string;
  /** The definition, `include` merged in and every default filled in. */
  readonly config: TaskConfig;
  /** The file that it was read from, for messages. */
  readonly file: string;
  /** Absolute folder that its data files are relative to. */
  readonly folder: string;
  /** Its documents by split, where they are not read from files. */
  readonly records?: Readonly<Record<string, readonly Document[]>>;
  /** SHA-256 of the definition, in hexadecimal: equal only where every prompt and every score would be. */
  readonly hash: string;
  /** What each item is given a score for, the headline first. */
  readonly metrics: readonly TaskMetric[];
  /** What was accepted but means less here than its author may expect. */
  readonly warnings: readonly string[];
}

/** Tasks reported together; an `aggregate_metric_list` also gives them common numbers. */
export interface TaskGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly members: readonly (Task | TaskGroup)[];
  readonly aggregates: readonly GroupAggregate[];
  readonly warnings: readonly string[];
}

interface GroupAggregate {
  readonly metric: string;
  /** Undefined for every filter that the members share. */
  readonly filters: readonly string[] | undefined;
  /** Whether a task counts by its items, or all tasks count the same. */
  readonly weightBySize: boolean;
}

/**
 * One column of results. `filter` names how the answer was read: `none` for likelihoods and whole texts, `strict` and
 * `lenient` for our extractors, `judge`, and whatever a `filter_list` calls its pipelines.
 */
export interface TaskMetric {
  readonly metric: string;
  readonly filter: string;
  readonly higherIsBetter: boolean;
  /** How items become one number. */
  readonly aggregation: Aggregation;
  /** Further settings of the metric, such as `ignore_case`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type Aggregation =
  | 'mean'
  | 'f1'
  | 'f1_macro'
  | 'f1_weighted'
  | 'mcc'
  | 'balanced_acc'
  | 'perplexity'
  | 'weighted_perplexity'
  | 'bits_per_byte'
  | 'weighted_mean'
  | 'calibration_error';

export type Document = Readonly<Record<string, unknown>>;

export interface ItemOptions {
  /** The first so many documents of the scored split. */
  readonly limit?: number;
  /** Seed of the sampler of examples. Default 1234, as upstream. */
  readonly seed?: number;
  /** How many examples precede the question. Default: the task's `num_fewshot`, or none. */
  readonly fewShot?: number;
  /** Write conversations for the model's chat template instead of plain text. Default false. */
  readonly chat?: boolean;
  /** With `chat`, give each example its own turns instead of one long user message. Default false. */
  readonly fewShotAsTurns?: boolean;
  /** Precedes the task's own description. */
  readonly system?: string;
  /** Overrides the task's `question_position`. */
  readonly questionPosition?: 'last' | 'first';
  /** Take data that differ from the task's `dataset_card`: to look at them, not to score. Default false. */
  readonly ignoreCard?: boolean;
  readonly signal?: AbortSignal;
}

/** One document as the model meets it. With `permute_options: cyclic` it is met once in each rotation of its options. */
export interface TaskItem {
  /** The same for the same document, whatever the limit: the task's name, the split, and the document's id or place. */
  readonly id: string;
  /** Place in the scored split, from 0. */
  readonly index: number;
  readonly document: Document;
  /** At least one; the first is the document as it stands. */
  readonly variants: readonly ItemVariant[];
  /** Value of each of the task's `slices` for this document. */
  readonly slices: Readonly<Record<string, string>>;
  /** Items of one cluster share a source document and are not independent. */
  readonly cluster: string | undefined;
  /** Ids of the documents shown as examples, in order. */
  readonly examples: readonly string[];
  /** How the task's `answer` reads the target of this document. */
  readonly measure: Measure | undefined;
  /** What is asked, without description and examples. */
  readonly question: string;
  /** What makes an answer right, for a judge. */
  readonly rubric: string | undefined;
  /** Whether a right answer declines, where the task says so (`doc_to_refusal`). */
  readonly shouldRefuse?: boolean;
}

/** What the number of a target is a number of; '' where nothing is said. */
export interface Measure {
  readonly unit: string;
  readonly scale: string;
  readonly currency: string;
}

export interface ItemVariant {
  readonly prompt: Prompt;
  /** One for each option where the options fill a gap in the question (`doc_to_text` gives a number); else undefined. */
  readonly promptByOption: readonly Prompt[] | undefined;
  /** The text of each option, in the order shown; undefined where answers are free. */
  readonly options: readonly string[] | undefined;
  /** With `doc_to_options`, the text behind each letter, in the order shown. */
  readonly texts: readonly string[] | undefined;
  /** Places of the right options, in the order shown; undefined where answers are free. */
  readonly gold: readonly number[] | undefined;
  /** What a right answer says; several where any of them is right. */
  readonly target: readonly string[];
  /** What is written between prompt and continuation, and counted to the continuation. */
  readonly delimiter: string;
  /** Equal for variants whose prompts begin alike (description and examples): run them one after the other. */
  readonly prefixKey: string;
}

/** In the order in which `ItemResponses` has to answer. Any list may be empty. */
export interface ItemRequests {
  readonly continuations: readonly ContinuationRequest[];
  readonly texts: readonly string[];
  readonly answers: readonly AnswerRequest[];
}

export interface ItemResponses {
  readonly continuations: readonly Outcome<readonly ContinuationScore[]>[];
  readonly texts: readonly Outcome<TextScore>[];
  readonly answers: readonly Outcome<Answer>[];
}

/**
 * What became of an item: `scored`; `unparsed` where an answer was there but held none that the strict reading knows,
 * which is scored as wrong; `truncated` where the answer was cut off, also wrong but a fault of the budget as much as of
 * the model; `failed` where there was no answer, and `unscored` where there was one that could not be scored, for want of a
 * judge's verdict, a likelihood or a target. Both have no score for the headline, whatever other metrics say.
 */
export type ItemClass = 'scored' | 'unparsed' | 'truncated' | 'unscored' | 'failed';

/** What one item adds to a metric: its own value, or what the metric of all items is computed from. */
export type Contribution =
  | { readonly kind: 'value'; readonly value: number }
  /** For F1, MCC and the like. `predicted` undefined: no answer that is one of the labels. */
  | { readonly kind: 'label'; readonly gold: string; readonly predicted: string | undefined }
  /** For the calibration error: how sure the model was of what it chose, in [0, 1]. */
  | { readonly kind: 'confidence'; readonly confidence: number; readonly correct: boolean }
  /** The metric is a function of the sum of all sums / the sum of all weights. */
  | { readonly kind: 'ratio'; readonly sum: number; readonly weight: number };

export interface MetricScore {
  readonly metric: string;
  readonly filter: string;
  /** Null where the item has no score, for `reason`. */
  readonly contribution: Contribution | null;
  readonly reason?: string;
}

/** Plain JSON, so that it can be stored and aggregated elsewhere. */
export interface ItemScore {
  readonly id: string;
  readonly cluster: string | undefined;
  readonly slices: Readonly<Record<string, string>>;
  readonly class: ItemClass;
  readonly scores: readonly MetricScore[];
  /** What each filter made of the first answer; null where it found nothing, and has nothing to put in its place. */
  readonly extracted: Readonly<Record<string, string | null>>;
  /** Whether what a filter looks for was in the first answer; filters that take answers as they are are left out. */
  readonly read: Readonly<Record<string, boolean>>;
  /** What the model said, as it said it. */
  readonly answers: readonly Answer[];
  /** For each variant, the log-probability of each option in nats. */
  readonly optionScores: readonly (readonly number[])[];
  /** Continuations whose border to the prompt falls inside a token. */
  readonly unclearBorders: number;
}

export interface MetricResult {
  readonly metric: string;
  readonly filter: string;
  readonly higherIsBetter: boolean;
  /** Null where it is undefined, as without items. */
  readonly value: number | null;
  /** Null where the metric has none, as with one item. */
  readonly stderr: number | null;
  /** Items with a score. */
  readonly n: number;
  /** Items without. */
  readonly missing: number;
}

export interface TaskResult {
  readonly metrics: readonly MetricResult[];
  readonly classes: Readonly<Record<ItemClass, number>>;
}
