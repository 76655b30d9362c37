/** The columns of a task's results: each metric that it names, for each way of reading answers that the metric fits. */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { exactMatchSettings } from './exact-match-settings.ts';
import { Settings } from './filters/settings.ts';
import { isAggregationOf, METRICS, type MetricDefinition, STANDARD_METRICS } from './metric-definitions.ts';
import { type Reading, readingsOf } from './readings.ts';
import { registeredFunction } from './registered-functions.ts';
import type { MetricConfig, RegisteredName, TaskConfig } from './schema.ts';
import type { TaskMetric } from './task.ts';

type Place = (path: readonly string[]) => string;

/** @throws UsageError naming a metric that is unknown, or that nothing of this task can be measured by. */
export function taskMetrics(config: TaskConfig, place: Place): readonly TaskMetric[] {
  const readings = readingsOf(config, place);
  const standard = STANDARD_METRICS[readings[0].gives[0]];
  const named = config.metric_list ?? standard.map((metric): MetricConfig => ({ metric }));
  if (named.length === 0) {
    throw new UsageError({
      field: place(['process_results']),
      found: 'no metric_list',
      expected: 'the names of the scores that the function gives',
      fix: 'Add a metric_list.',
    });
  }
  return named.flatMap((metric, i) =>
    columnsOf(metric, readings, config, (path) => place(['metric_list', String(i), ...path])),
  );
}

function columnsOf(
  { metric, aggregation, higher_is_better, ...rest }: MetricConfig,
  readings: readonly Reading[],
  config: TaskConfig,
  place: Place,
): readonly TaskMetric[] {
  const definition = definitionOf(metric, config, place);
  const fitting = readings.filter(({ gives }) => gives.some((evidence) => definition.from.includes(evidence)));
  if (fitting.length === 0) throw unfitting(metric, readings, place);
  if (aggregation !== undefined && !isAggregationOf(aggregation, definition)) {
    throw new UsageError({
      field: place(['aggregation']),
      found: aggregation,
      expected: `${definition.aggregation}, which is how ${metric} is added up`,
      fix: 'Leave it out, or choose another metric.',
    });
  }
  const settings = new Settings(rest, place([]));
  settings.optional('hf_evaluate');
  if (metric === 'exact_match') exactMatchSettings(settings);
  settings.refuseRest();
  if (rest.hf_evaluate === true) {
    const found = 'a metric of another package';
    throw new UsageError({ field: place(['hf_evaluate']), found, expected: 'false', fix: 'Name a metric of Finery.' });
  }
  return fitting.map(({ filter }) => ({
    metric,
    filter,
    higherIsBetter: higher_is_better ?? definition.higherIsBetter,
    aggregation: definition.aggregation,
    settings: rest,
  }));
}

function definitionOf(metric: string, { process_results }: TaskConfig, place: Place): MetricDefinition {
  const definitions = process_results === undefined ? METRICS : resultMetrics(process_results, place);
  if (Object.hasOwn(definitions, metric)) return definitions[metric];
  const known = Object.keys(definitions);
  const meant = nearest(metric, known);
  throw new UsageError({
    field: place(['metric']),
    found: `the metric ${JSON.stringify(metric)}`,
    expected: `one of ${known.join(', ')}`,
    fix: meant === undefined ? 'Choose one of these.' : `Did you mean "${meant}"?`,
  });
}

/** What the task's own function gives. */
function resultMetrics(name: RegisteredName, place: Place): Readonly<Record<string, MetricDefinition>> {
  const { metrics } = registeredFunction(name.function, 'results', place([]));
  const definition = (aggregation: MetricDefinition['aggregation']): MetricDefinition => {
    return { from: ['results'], aggregation, higherIsBetter: true };
  };
  return Object.fromEntries(Object.entries(metrics).map(([metric, aggregation]) => [metric, definition(aggregation)]));
}

function unfitting(metric: string, readings: readonly Reading[], place: Place): UsageError {
  const given = new Set(readings.flatMap(({ gives }) => gives));
  const fitting = Object.entries(METRICS).filter(([, { from }]) => from.some((evidence) => given.has(evidence)));
  return new UsageError({
    field: place(['metric']),
    found: `${metric}, which cannot be computed from ${[...given].join(' or ')}`,
    expected: `one of ${fitting.map(([name]) => name).join(', ')}`,
    fix: 'Choose one of these, or change output_type or score_by.',
  });
}
