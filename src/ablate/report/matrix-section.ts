/** The difference matrix: a row for what was dropped, a column for each metric; on a phone a list for each row. */
import { formatDifference, formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { DifferenceMatrix, MatrixCell, MetricColumn } from '../difference-matrix.ts';
import { explainMarks, titleOf } from './verdict.ts';

export function matrixSection(matrix: DifferenceMatrix): Markup {
  const { columns, rows } = matrix;
  return markup`<section id="matrix">
<h2>Differences to the whole chain</h2>
<p class="note">${explainMarks(matrix)}</p>
<table class="matrix listed">
<thead><tr><th></th>${columns.map(columnHead)}</tr></thead>
<tbody>
<tr><th scope="row">Whole chain</th>${columns.map((column) => wholeCell(column))}</tr>
${rows.map(
  ({ name, cells }) =>
    markup`<tr><th scope="row"><bdi>${titleOf(name)}</bdi></th>${cells.map((cell, i) => differenceCell(cell, columns[i]))}</tr>
`,
)}</tbody>
</table>
</section>
`;
}

function columnHead(column: MetricColumn): Markup {
  return markup`<th class="number"><bdi>${column.name}</bdi><span class="less">${aim(column)}</span></th>`;
}

/** What is counted, where the name does not say it, and which way is good. */
export function aim({ name, metric, higherIsBetter }: MetricColumn): string {
  const counted = name.startsWith(metric) ? '' : `${metric}, `;
  return `${counted}${higherIsBetter ? 'more' : 'less'} is better`;
}

function wholeCell(column: MetricColumn): Markup {
  return markup`<td class="number" data-label="${column.name}">${formatScore(meanOf(column.whole))}</td>`;
}

function differenceCell({ difference, standardError, verdict }: MatrixCell, { name }: MetricColumn): Markup {
  const error = standardError !== null && markup` <span class="error">&plusmn;${formatScore(standardError)}</span>`;
  const mark = verdict !== 'unclear' && markup`<span class="heard">, ${verdict}</span>`;
  return markup`<td class="number" data-label="${name}"><span><span class="${verdict}">${formatDifference(difference)}${mark}</span>${error}</span></td>`;
}

/** Null where one is missing. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : known.reduce((a, b) => a + b, 0) / known.length;
}
