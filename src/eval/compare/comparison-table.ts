/** A comparison as cells of a table for the terminal: a header, and a row for each metric of each task. */
import { formatCount } from '../../observe/numbers.ts';
import { formatDifference, formatScore } from '../../report/figures.ts';
import { visible } from '../../report/visible.ts';
import { brief } from '../report/model-text.ts';
import type { Comparison } from './comparison.ts';
import { columnName, formatBounds, formatDetectable, formatP } from './comparison-figures.ts';

export interface ComparisonTable {
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers. */
  readonly right: readonly number[];
}

const LONGEST_NAME = 40;

export function comparisonTable({ rows }: Pick<Comparison, 'rows'>): ComparisonTable {
  const header = ['task', 'metric', 'A', 'B', 'B \u2212 A', 'interval', 'p (Holm)', 'can show', 'items', 'verdict'];
  const body = rows.map((row) => [
    visible(brief(row.task, LONGEST_NAME)),
    visible(brief(columnName(row), LONGEST_NAME)),
    formatScore(row.a),
    formatScore(row.b),
    formatDifference(row.difference),
    formatBounds(row),
    formatP(row.adjustedP),
    formatDetectable(row),
    formatCount(row.n),
    row.verdict,
  ]);
  return { rows: [header, ...body], right: [2, 3, 4, 5, 6, 7, 8] };
}
