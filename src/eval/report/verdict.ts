/** What an evaluation says in one sentence: which scores cost nothing to reach, and which do. */
import { brief } from './model-text.ts';
import type { TaskSummary } from './summary.ts';

const MOST_NAMED = 4;

/** A task counts as better than its baselines where the whole interval of its headline is. */
export function verdictOn(tasks: readonly TaskSummary[]): string {
  const compared = tasks.flatMap(({ alias, metrics: [headline] }) => {
    const baselines = [headline?.random, headline?.majority].filter((each) => typeof each === 'number');
    if (baselines.length === 0 || !headline.higherIsBetter) return [];
    const isAbove = headline.interval !== null && headline.interval.low > Math.max(...baselines);
    return [{ alias, isAbove }];
  });
  if (compared.length === 0)
    return 'No task has a baseline to compare with: read the scores beside those of other models.';
  const open = compared.filter(({ isAbove }) => !isAbove).map(({ alias }) => brief(alias, 60));
  const scope = tasks.length === compared.length ? 'all tasks' : `all ${compared.length} tasks that have baselines`;
  const both = 'picking at random and always giving the most frequent answer';
  if (open.length === 0) return `Better than ${both} on ${scope}.`;
  const named = open.slice(0, MOST_NAMED).join(', ') + (open.length > MOST_NAMED ? ' and others' : '');
  if (open.length === compared.length) return `Not shown to be better than ${both} on any task: ${named}.`;
  const count = `${compared.length - open.length} of ${compared.length}`;
  return `Better than ${both} on ${count} tasks that have such baselines; not shown on ${named}.`;
}
