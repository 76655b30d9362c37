/** What tasks between stages measure, by the names under which training can watch it: `<task>.<metric>` of each headline. */
import { distinctTasks } from '../../eval/run/find-tasks.ts';
import { metricName } from '../../eval/run/results-document.ts';
import type { Task, TaskGroup } from '../../eval/tasks/task.ts';

export const taskMetricNames = (tasks: readonly (Task | TaskGroup)[]): string[] =>
  distinctTasks(tasks).map(({ name, metrics: [headline] }) => `${name}.${metricName(headline)}`);
