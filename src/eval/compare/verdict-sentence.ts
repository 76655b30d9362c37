/** What a comparison comes to, in words. */
import { formatPlural } from '../../observe/numbers.ts';
import { brief } from '../report/model-text.ts';
import type { Comparison, ComparisonRow } from './comparison.ts';

const MOST_NAMED = 4;

/** By the headlines of the tasks. */
export function verdictSentence({ rows }: Pick<Comparison, 'rows'>): string {
  const headlines = headlinesOf(rows);
  const better = (['A', 'B'] as const).flatMap((model) => {
    const tasks = headlines.filter(({ verdict }) => verdict === `${model} better`);
    return tasks.length === 0 ? [] : [`${model} is better on ${listing(tasks)}`];
  });
  const open = headlines.filter(({ verdict }) => verdict === 'no difference shown').length;
  if (better.length === 0) return `No difference is shown on ${formatPlural(headlines.length, 'task')}.`;
  const rest = open === 0 ? '' : `; no difference is shown on ${formatPlural(open, 'other task')}`;
  return `${better.join('; ')}${rest}.`;
}

/** The first row of each task. */
function headlinesOf(rows: readonly ComparisonRow[]): readonly ComparisonRow[] {
  return rows.filter(({ task }, i) => rows.findIndex((row) => row.task === task) === i);
}

function listing(rows: readonly ComparisonRow[]): string {
  const names = rows.slice(0, MOST_NAMED).map(({ alias }) => brief(alias, 60));
  const more = rows.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${formatPlural(more, 'other')}` : names.join(', ');
}
