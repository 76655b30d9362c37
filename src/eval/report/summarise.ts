/** From the scores of items to everything that is told of an evaluation. */
import type { EvaluatedTask } from '../run/evaluate.ts';
import type { Task } from '../tasks/task.ts';
import type { ScoredItem } from './scored-item.ts';
import { summariseCalibration } from './summarise-calibration.ts';
import { summariseCapabilities } from './summarise-capabilities.ts';
import { summariseConfusion } from './summarise-confusion.ts';
import { summariseErrors } from './summarise-errors.ts';
import { summariseLengths } from './summarise-lengths.ts';
import { type MetricOptions, summariseMetric } from './summarise-metric.ts';
import { summariseSlices } from './summarise-slices.ts';
import type { EvaluationSummary, TaskSummary, TaskWarning } from './summary.ts';
import { majorityOption, sharedOptions } from './task-labels.ts';

/** What the scores do not tell. */
export interface EvaluationInfo
  extends Pick<
    EvaluationSummary,
    'model' | 'settings' | 'started' | 'seconds' | 'usage' | 'judge' | 'environment' | 'commands'
  > {
  /** The group of each task that has one, by the task's name. */
  readonly groups?: Readonly<Record<string, string>>;
  /** What was noticed of each task besides, such as data that differ from their card, by the task's name. */
  readonly warnings?: Readonly<Record<string, readonly TaskWarning[]>>;
}

export interface SummaryOptions {
  /** Coverage of intervals. Default 0.95. */
  readonly confidence?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Resamples of a bootstrap. Default 10,000, and fewer for more than 2000 items. */
  readonly draws?: number;
}

/** The same scores give the same summary. */
export function summarise(
  evaluated: readonly EvaluatedTask[],
  info: EvaluationInfo,
  { confidence = 0.95, seed = 0, draws }: SummaryOptions = {},
): EvaluationSummary {
  const { groups = {}, warnings = {}, ...known } = info;
  const tasks = evaluated.map((each) => {
    const { name } = each.task;
    const noticed = Object.hasOwn(warnings, name) ? warnings[name] : [];
    return summariseTask(each, noticed, { confidence, seed, draws });
  });
  const capabilities = evaluated.map(({ task }) => capabilityOf(task, groups));
  return { ...known, confidence, tasks, capabilities: summariseCapabilities(tasks, capabilities) };
}

/** `metadata.capability`, or else the group, the first tag, or the task by itself. */
function capabilityOf({ name, alias, tags, config }: Task, groups: Readonly<Record<string, string>>): string {
  const { capability } = config.metadata;
  if (typeof capability === 'string' && capability !== '') return capability;
  return (Object.hasOwn(groups, name) ? groups[name] : tags[0]) ?? alias;
}

function summariseTask(
  { task, items, scores, result, kept }: EvaluatedTask,
  noticed: readonly TaskWarning[],
  options: Pick<MetricOptions, 'confidence' | 'seed' | 'draws'>,
): TaskSummary {
  const scored = items.map((item, i): ScoredItem => ({ item, score: scores[i] }));
  const labels = sharedOptions(items);
  const clusters = new Set(scores.flatMap(({ cluster }) => cluster ?? []));
  const metrics = task.metrics.map((column) =>
    summariseMetric(column, scored, {
      ...options,
      labels,
      result: result.metrics.find(({ metric, filter }) => metric === column.metric && filter === column.filter),
    }),
  );
  const [headline] = task.metrics;
  return {
    name: task.name,
    alias: task.alias,
    version: task.version,
    hash: task.hash,
    items: items.length,
    labels: labels ?? null,
    clusters: clusters.size > 0 ? clusters.size + scores.filter(({ cluster }) => cluster === undefined).length : null,
    kept,
    metrics,
    classes: result.classes,
    majority: majorityOption(scored, labels) ?? null,
    ...summariseSlices(headline, scored, { ...options, labels }),
    calibration: summariseCalibration(scored, options.confidence),
    confusion: summariseConfusion(task.metrics, scored, labels),
    lengths: summariseLengths(scored, task.config.generation_kwargs.max_gen_toks),
    errors: summariseErrors(headline, scored),
    warnings: [...warningsOf(task, scored), ...noticed],
  };
}

function warningsOf(task: Task, scored: readonly ScoredItem[]): readonly TaskWarning[] {
  const unclear = scored.reduce((sum, { score }) => sum + score.unclearBorders, 0);
  const affected = scored.filter(({ score }) => score.unclearBorders > 0).length;
  const definition = task.warnings.map((text): TaskWarning => ({ kind: 'definition', text }));
  if (unclear === 0) return definition;
  const text = `${unclear} continuations of ${affected} items begin inside a token: which part of it is scored is a convention.`;
  return [...definition, { kind: 'borders', text }];
}
