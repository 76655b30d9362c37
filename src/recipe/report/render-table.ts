/** The results for a terminal: aligned columns, coloured changes, as wide as the window allows. */

import { formatCount } from '../../observe/numbers.ts';
import { visible } from '../../report/visible.ts';
import type { RunSummary } from '../summary.ts';
import { type ComparedRow, compareBits, compareTasks, type Direction } from './compare.ts';
import { bitsFigures, type Figures, formatRange, taskFigures } from './figures.ts';

export interface TableOptions {
  readonly color?: boolean;
  /** Columns of the terminal; default 100. */
  readonly width?: number;
}

interface Column {
  readonly title: string;
  readonly cell: (row: ComparedRow) => string;
  /** What goes first where there is little room; undefined stays. */
  readonly dropAt?: number;
}

/** SGR parameters (ECMA-48). */
const colors: Readonly<Record<Direction, string>> = { better: '32', worse: '31', unclear: '2' };
const LEAST_NAME = 8;
const GAP = 2;

/**
 *     task               base    sft   change            interval
 *     finworld_lookup   0.050  0.625   +0.575  +0.470 to +0.680
 *
 *     bits per byte      base    sft   change            interval
 *     finance           1.523  1.048   -31.2%  -32.0% to -30.4%
 *
 * Sets without their sources, which are in the report. Without a newline at the end; empty where nothing was measured.
 */
export function renderTable(summary: RunSummary, options: TableOptions = {}): string {
  const [, ...later] = summary.measurements.map(({ at }) => at);
  const sets = compareBits(summary).filter(({ isSource }) => !isSource);
  return [
    tableOf(compareTasks(summary), { ...options, title: 'task', items: 'questions', later, figures: taskFigures }),
    tableOf(sets, { ...options, title: 'bits per byte', items: 'documents', later, figures: bitsFigures }),
  ]
    .filter((table) => table !== '')
    .join('\n\n');
}

interface PartOptions extends TableOptions {
  readonly title: string;
  readonly items: string;
  /** Names of the measurements after the base. */
  readonly later: readonly string[];
  readonly figures: Figures;
}

function tableOf(
  rows: readonly ComparedRow[],
  { color = false, width = 100, title, items, later, figures }: PartOptions,
): string {
  if (rows.length === 0) return '';
  const all: readonly Column[] = [
    { title: items, cell: (row) => formatCount(row.items), dropAt: 0 },
    { title: 'base', cell: ({ before }) => figures.value(before.value) },
    ...later.map((at, i) => ({
      title: visible(at).slice(0, 16),
      cell: (row: ComparedRow) => (row.later[i] === undefined ? '-' : figures.value(row.later[i].value)),
      dropAt: i < later.length - 1 ? 2 : undefined,
    })),
    { title: 'change', cell: ({ change }) => (change === undefined ? '-' : figures.change(change)) },
    { title: 'interval', cell: ({ range }) => (range === undefined ? '' : formatRange(range, figures)), dropAt: 1 },
  ];
  const names = rows.map(({ name }) => visible(name));
  const columns = fitting(all, rows, width - GAP - LEAST_NAME);
  const widths = columns.map((column) => widthOf(column, rows));
  const numbers = widths.reduce((sum, each) => sum + GAP + each, 0);
  const nameWidth = Math.max(1, Math.min(width - numbers, Math.max(...names.map((name) => name.length), title.length)));
  const paint = (code: string, text: string) => (color && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text);
  const line = (name: string, cells: readonly string[], styles: readonly (string | undefined)[]) => {
    const padded = cells.map((cell, i) => {
      const space = ' '.repeat(GAP + widths[i] - cell.length);
      return space + (styles[i] === undefined ? cell : paint(styles[i], cell));
    });
    return `${cut(name, nameWidth).padEnd(nameWidth)}${padded.join('')}`.trimEnd();
  };
  const header = line(
    title,
    columns.map((column) => column.title),
    [],
  );
  const body = rows.map((row, index) => {
    const styles = columns.map((column) => (column.title === 'change' ? colors[row.direction] : undefined));
    return line(
      names[index],
      columns.map(({ cell }) => cell(row)),
      styles,
    );
  });
  return [paint('2', header), ...body].join('\n');
}

/** The columns that fit beside the names, the least important left out first. */
function fitting(columns: readonly Column[], rows: readonly ComparedRow[], room: number): readonly Column[] {
  let kept = columns;
  const total = () => kept.reduce((sum, column) => sum + GAP + widthOf(column, rows), 0);
  while (total() > room) {
    const droppable = kept.filter(({ dropAt }) => dropAt !== undefined).sort((a, b) => a.dropAt! - b.dropAt!);
    if (droppable.length === 0) break;
    kept = kept.filter((column) => column !== droppable[0]);
  }
  return kept;
}

function widthOf({ title, cell }: Column, rows: readonly ComparedRow[]): number {
  return Math.max(title.length, ...rows.map((row) => cell(row).length));
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
