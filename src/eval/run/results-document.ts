/** `results.json` and what `finery eval --json` prints: the numbers of an evaluation by task and metric. */
import { type GroupPart, unweightedGroupScore, weightedGroupScore } from '../statistics/pooled-error.ts';
import type { MetricResult, Task, TaskGroup, TaskResult } from '../tasks/task.ts';

interface MetricEntry {
  /** Null where no item has a score. */
  readonly value: number | null;
  /** Null where the metric has none. */
  readonly stderr: number | null;
  /** Items with a score, and items without. */
  readonly n: number;
  readonly missing: number;
}

export interface ResultsDocument {
  /** By task or group, then by metric; one that was read through a filter is named `metric,filter`. */
  readonly results: Readonly<Record<string, Readonly<Record<string, MetricEntry>>>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** @param resultOf every task of `loaded` */
export function resultsDocument(
  loaded: readonly (Task | TaskGroup)[],
  resultOf: ReadonlyMap<string, TaskResult>,
): ResultsDocument {
  const results: Record<string, Record<string, MetricEntry>> = {};
  const versions: Record<string, string> = {};
  const visit = (node: Task | TaskGroup): void => {
    versions[node.name] = node.version;
    if (node.kind === 'task') {
      const entries = resultOf.get(node.name)!.metrics.map((metric) => [metricName(metric), entryOf(metric)] as const);
      results[node.name] = Object.fromEntries(entries);
      return;
    }
    for (const member of node.members) visit(member);
    const entries = groupEntries(node, resultOf);
    if (Object.keys(entries).length > 0) results[node.name] = entries;
  };
  for (const node of loaded) visit(node);
  return { results, versions };
}

export const metricName = ({ metric, filter }: Pick<MetricResult, 'metric' | 'filter'>): string =>
  filter === 'none' ? metric : `${metric},${filter}`;

const entryOf = ({ value, stderr, n, missing }: MetricResult): MetricEntry => ({
  value: finite(value),
  stderr: finite(stderr),
  n,
  missing,
});

const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** Common numbers of a group: of metrics that all its tasks have. */
function groupEntries(group: TaskGroup, resultOf: ReadonlyMap<string, TaskResult>): Record<string, MetricEntry> {
  const results = tasksIn(group).map(({ name }) => resultOf.get(name)!.metrics);
  const entries: Record<string, MetricEntry> = {};
  for (const { metric, filters, weightBySize } of group.aggregates) {
    const names = new Set(results[0]?.filter((found) => found.metric === metric).map(({ filter }) => filter));
    for (const filter of filters ?? names) {
      const found = results.map((metrics) =>
        metrics.find((result) => result.metric === metric && result.filter === filter),
      );
      if (found.length === 0 || !found.every((result) => result !== undefined)) continue;
      entries[metricName({ metric, filter })] = combined(found, weightBySize);
    }
  }
  return entries;
}

function combined(results: readonly MetricResult[], weightBySize: boolean): MetricEntry {
  const parts = results.filter(({ n }) => n > 0);
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  const missing = results.reduce((sum, part) => sum + part.missing, 0);
  if (parts.length === 0) return { value: null, stderr: null, n, missing };
  // A task whose metric has no error makes that of the group unknown.
  const withErrors = parts.map(({ value, stderr, n: size }): GroupPart => {
    return { value: value ?? Number.NaN, stderr: stderr ?? Number.NaN, n: size };
  });
  const { value, stderr } = weightBySize ? weightedGroupScore(withErrors) : unweightedGroupScore(withErrors);
  return { value: finite(value), stderr: finite(stderr), n, missing };
}

const tasksIn = (group: TaskGroup): Task[] =>
  group.members.flatMap((member) => (member.kind === 'task' ? [member] : tasksIn(member)));
