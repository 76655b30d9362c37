/** Tasks as a report tells them: each value with its interval, and what changed since the base on the same items. */
import { compareColumn } from '../../eval/compare/compare-column.ts';
import { uncertaintyOf } from '../../eval/report/metric-interval.ts';
import { metricStatistic } from '../../eval/report/metric-statistic.ts';
import type { Contribution } from '../../eval/tasks/task.ts';
import type { TaskFigure } from '../summary.ts';
import type { MeasuredTask } from './measured-task.ts';

type Tasks = ReadonlyMap<string, MeasuredTask>;

interface SummaryOptions {
  readonly confidence: number;
  readonly seed: number;
}

/** @param base undefined for the base itself */
export function summariseTasks(tasks: Tasks, base: Tasks | undefined, options: SummaryOptions): TaskFigure[] {
  return [...tasks.values()].map((measured) => {
    const { task, metric, higherIsBetter, value, stderr, n } = measured;
    const figure = { task, metric, higherIsBetter, value, stderr, n, interval: intervalOf(measured, options) };
    return base === undefined ? figure : { ...figure, change: changeOf(base.get(task), measured, options) };
  });
}

function intervalOf({ task, value, stderr, aggregation, labels, items }: MeasuredTask, options: SummaryOptions) {
  if (value === null) return null;
  const scored = items.flatMap(({ cluster, contributions: [headline] }) =>
    headline === null || headline === undefined ? [] : [{ cluster, headline }],
  );
  const contributions: Contribution[] = scored.map(({ headline }) => headline);
  const { interval } = uncertaintyOf(
    {
      contributions,
      clusters: scored.map(({ cluster }) => cluster),
      value,
      stderr,
      statistic: metricStatistic(aggregation, contributions, labels),
      isBiased: aggregation === 'calibration_error',
    },
    { ...options, label: `report ${task}` },
  );
  return interval && { low: interval.low, high: interval.high };
}

function changeOf(before: MeasuredTask | undefined, after: MeasuredTask, options: SummaryOptions) {
  const earlier = new Map(before?.items.map((item) => [item.id, item.contributions[0]]));
  const pairs = after.items.map(({ id, cluster, contributions: [b] }) => {
    return { cluster, a: earlier.get(id) ?? null, b: b ?? null };
  });
  const { aggregation, labels, task } = after;
  const compared = compareColumn(pairs, { ...options, aggregation, labels, label: `report change of ${task}` });
  const { difference, interval } = compared;
  return difference === null ? null : { value: difference, interval };
}
