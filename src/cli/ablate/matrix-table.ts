/** The difference matrix for a terminal: a row for each variant, metrics side by side as far as they fit. */
import type { DifferenceMatrix, MatrixCell, Verdict } from '../../ablate/difference-matrix.ts';
import { explainMarks, titleOf } from '../../ablate/report/verdict.ts';
import { formatDifference, formatScore } from '../../report/figures.ts';
import { visible } from '../../report/visible.ts';
import { formatTable } from '../layout.ts';
import type { Style } from '../style.ts';

export interface MatrixTableOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
}

const GAP = 2;

/**
 *     metric           bits_per_byte/finance    finworld_lookup
 *                             less is better  more is better, %
 *     whole chain                      0.512              0.610
 *     Without cpt            +0.034 ±0.002 *      −0.210 ±0.020 *
 *
 * @returns without a newline at the end
 */
export function matrixTable(matrix: DifferenceMatrix, { style, width }: MatrixTableOptions): string {
  const columns = columnTexts(matrix, style);
  const heads = ['metric', '', 'whole chain', ...matrix.rows.map(({ name }) => visible(titleOf(name)))];
  const headWidth = Math.max(...heads.map((head) => head.length));
  const blocks: string[][][] = [];
  let room = 0;
  for (const column of columns) {
    const needed = GAP + column.width;
    if (blocks.length === 0 || needed > room) {
      blocks.push([]);
      room = width - headWidth;
    }
    blocks.at(-1)!.push(column.cells);
    room -= needed;
  }
  const tables = blocks.map((block) => {
    const rows = heads.map((head, i) => [i === 0 ? style.dim(head) : head, ...block.map((cells) => cells[i])]);
    return formatTable(rows, { right: block.map((_, i) => i + 1) });
  });
  return [...tables, style.dim(explainMarks(matrix))].join('\n\n');
}

function columnTexts({ columns, rows }: DifferenceMatrix, style: Style) {
  const paint: Readonly<Record<Verdict, (text: string) => string>> = {
    better: style.green,
    worse: style.red,
    unclear: (text) => text,
  };
  return columns.map(({ name, higherIsBetter, whole }, i) => {
    const plain = [visible(name), higherIsBetter ? 'more is better' : 'less is better', formatScore(meanOf(whole))];
    const cells = rows.map((row) => row.cells[i]);
    const width = Math.max(...[...plain, ...cells.map(cellText)].map((text) => text.length));
    const [title, direction, value] = plain;
    const painted = cells.map((cell) => paint[cell.verdict](cellText(cell)));
    return { width, cells: [style.dim(title), style.dim(direction), `${value}  `, ...painted] };
  });
}

/** `+0.034 ±0.002 *`: the star where it is marked. */
function cellText({ difference, standardError, verdict }: MatrixCell): string {
  const error = standardError === null ? '' : ` \u00b1${formatScore(standardError)}`;
  return `${formatDifference(difference)}${error}${verdict === 'unclear' ? '  ' : ' *'}`;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : known.reduce((a, b) => a + b, 0) / known.length;
}
