/** Results laid out for people. */
import { stripVTControlCharacters } from 'node:util';
import type { Style } from './style.ts';

/** Width of a cell without its colours. */
const width = (cell: string): number => stripVTControlCharacters(cell).length;

export type Field = readonly [label: string, value: string | undefined];

/** `label   value` lines with the values in one column; a value of several lines stays in it. Undefined values are left out. */
export function formatFields(fields: readonly Field[], { dim }: Style): string {
  const given = fields.filter((field): field is readonly [string, string] => field[1] !== undefined);
  const margin = Math.max(0, ...given.map(([label]) => label.length)) + 2;
  return given
    .map(([label, value]) => `${dim(label.padEnd(margin))}${value.replaceAll('\n', `\n${' '.repeat(margin)}`)}`)
    .join('\n');
}

/** Columns two spaces apart; those named in `right` are aligned to the right, as numbers are. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const space = ' '.repeat(widths[i] - width(cell));
          return right.includes(i) ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
