/** Tasks by what they ask of a model, each on a scale from chance to all right so that they can be put together. */
import type { CapabilitySummary, TaskSummary } from './summary.ts';

/**
 * Capabilities in the order in which their tasks come. Tasks whose headline is no share of a best possible score, such as
 * a perplexity, or has no value, have no place on the scale and are left out.
 * @param capabilities of each task, in the same order
 */
export function summariseCapabilities(
  tasks: readonly TaskSummary[],
  capabilities: readonly string[],
): readonly CapabilitySummary[] {
  const groups = new Map<string, { readonly tasks: string[]; readonly scores: number[] }>();
  tasks.forEach(({ name, metrics }, i) => {
    const score = metrics[0] && scaledScore(metrics[0]);
    if (score === undefined || score === null) return;
    const group = groups.get(capabilities[i]) ?? { tasks: [], scores: [] };
    group.tasks.push(name);
    group.scores.push(score);
    groups.set(capabilities[i], group);
  });
  return [...groups].map(([name, { tasks: names, scores }]) => ({
    name,
    tasks: names,
    score: scores.reduce((a, b) => a + b, 0) / scores.length,
  }));
}

/** 0 for chance, 1 for the best that there is, below 0 for worse than chance; null for what is on no such scale. */
function scaledScore({ value, random, isShare }: TaskSummary['metrics'][number]): number | null {
  if (value === null || !isShare) return null;
  const chance = random ?? 0;
  return chance < 1 ? (value - chance) / (1 - chance) : null;
}
