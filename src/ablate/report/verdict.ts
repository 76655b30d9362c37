/** What an ablation comes to, in words. */
import { formatPlural } from '../../observe/numbers.ts';
import type { DifferenceMatrix, MatrixRow, MetricColumn, Verdict } from '../difference-matrix.ts';

const MOST_NAMED = 4;

/** One sentence for each row: `Without cpt: worse on x and y; no difference shown on 3 metrics.` */
export function verdicts({ columns, rows }: Pick<DifferenceMatrix, 'columns' | 'rows'>): string[] {
  return rows.map((row) => `${titleOf(row.name)}: ${sentence(row, columns)}.`);
}

/** `without-cpt+sft` as a title: `Without cpt and sft`. */
export function titleOf(variant: string): string {
  if (!variant.startsWith('without-')) return variant;
  return `Without ${variant.slice('without-'.length).replaceAll('+', ' and ')}`;
}

function sentence({ cells }: MatrixRow, columns: readonly MetricColumn[]): string {
  const named = (verdict: Verdict) => columns.filter((_, i) => cells[i].verdict === verdict).map(({ name }) => name);
  const parts = (['worse', 'better'] as const).flatMap((verdict) => {
    const names = named(verdict);
    return names.length === 0 ? [] : [`${verdict} on ${listing(names)}`];
  });
  const open = named('unclear').length;
  if (open > 0) parts.push(`no difference shown on ${formatPlural(open, parts.length > 0 ? 'other' : 'metric')}`);
  return parts.join('; ');
}

function listing(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${formatPlural(more, 'other')}` : names.join(', ');
}

/** What the marks mean, and what they do not. */
export function explainMarks({ errorsOver, seeds, confidence, columns, rows }: DifferenceMatrix): string {
  const level = `${Number((100 * confidence).toFixed(1))}%`;
  const cells = columns.length * rows.length;
  const byChance = `Of ${formatPlural(cells, 'cell')} about ${Number((cells * (1 - confidence)).toPrecision(2))} would be marked by chance alone.`;
  if (errorsOver === 'seeds') {
    return `Mean differences to the whole chain of the same seed over ${seeds.length} seeds, with standard errors over seeds. Marked is what lies beyond the ${level} limits of Student's t with ${formatPlural(seeds.length - 1, 'degree')} of freedom. ${byChance}`;
  }
  return `Differences to the whole chain for one seed, with standard errors over the same questions and documents. Marked is what lies beyond their ${level} limits. Seeds were not varied: another order of training may give other differences. ${byChance}`;
}
