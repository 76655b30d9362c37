/** An item with what became of it, and what metrics are computed from. */
import type { Contribution, ItemScore, TaskItem, TaskMetric } from '../tasks/task.ts';

export interface ScoredItem {
  readonly item: TaskItem;
  readonly score: ItemScore;
}

/** What an item adds to a column of results; null where it has no score. */
export function contributionOf(
  { scores }: Pick<ItemScore, 'scores'>,
  { metric, filter }: Pick<TaskMetric, 'metric' | 'filter'>,
): Contribution | null {
  return scores.find((score) => score.metric === metric && score.filter === filter)?.contribution ?? null;
}

/** Right or wrong, and nothing in between. */
export function areVerdicts(contributions: readonly Contribution[]): boolean {
  return contributions.every((each) => each.kind === 'value' && (each.value === 0 || each.value === 1));
}
