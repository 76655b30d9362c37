/** The headline metric of the parts that a task wants reported apart. */
import type { TaskMetric } from '../tasks/task.ts';
import type { ScoredItem } from './scored-item.ts';
import { type MetricOptions, summariseMetric } from './summarise-metric.ts';
import type { SliceSummary } from './summary.ts';

/** Of one slice. A template may give every document a value of its own. */
const MOST_VALUES = 40;

export interface Slices {
  readonly slices: readonly SliceSummary[];
  /** Values that were left out, those of fewest items. */
  readonly omittedSlices: number;
}

/** Values of a slice stand in the order in which they appear. */
export function summariseSlices(
  headline: TaskMetric,
  scored: readonly ScoredItem[],
  options: Omit<MetricOptions, 'result'>,
): Slices {
  const names = new Set(scored.flatMap(({ score }) => Object.keys(score.slices)));
  const slices: SliceSummary[] = [];
  let omittedSlices = 0;
  for (const slice of names) {
    const parts = new Map<string, ScoredItem[]>();
    for (const one of scored) {
      if (!Object.hasOwn(one.score.slices, slice)) continue;
      const of = one.score.slices[slice];
      const part = parts.get(of);
      if (part) part.push(one);
      else parts.set(of, [one]);
    }
    const largest = new Set([...parts.values()].sort((a, b) => b.length - a.length).slice(0, MOST_VALUES));
    const kept = [...parts].filter(([, part]) => largest.has(part));
    omittedSlices += parts.size - kept.length;
    slices.push(...kept.map(([of, part]) => ({ slice, of, ...summariseMetric(headline, part, options) })));
  }
  return { slices, omittedSlices };
}
