/** Metric by metric: what each seed gave. */
import { formatDifference, formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { DifferenceMatrix, MatrixCell, MetricColumn } from '../difference-matrix.ts';
import { aim, meanOf } from './matrix-section.ts';
import { stripAxis, stripPicture, stripRange } from './seed-strip.ts';
import { titleOf } from './verdict.ts';

export function seedsSection({ columns, rows, errorsOver, seeds }: DifferenceMatrix): Markup {
  const rings = errorsOver === 'seeds' ? `Rings are seeds (${seeds.join(', ')}). ` : '';
  return markup`<section class="long" id="seeds">
<h2>Metric by metric</h2>
<p class="note">${rings}A disc is better than the whole chain, a diamond worse, a square shows no difference; lines are the limits beyond which a difference is marked, around it.</p>
${columns.map((column, i) =>
  metricTable(
    column,
    rows.map(({ name, cells }) => ({ name, cell: cells[i] })),
  ),
)}</section>
`;
}

interface NamedCell {
  readonly name: string;
  readonly cell: MatrixCell;
}

function metricTable(column: MetricColumn, rows: readonly NamedCell[]): Markup {
  const range = stripRange(rows.map(({ cell }) => cell));
  return markup`<h3><bdi>${column.name}</bdi> <span class="less">${aim(column)}</span></h3>
<table class="seeds">
<thead><tr><th>Chain</th><th class="number">Value</th><th class="number">Difference</th><th class="picture">${stripAxis(range)}</th></tr></thead>
<tbody>
<tr><td>Whole chain</td><td class="number">${formatScore(meanOf(column.whole))}</td><td></td><td class="picture"></td></tr>
${rows.map(
  ({ name, cell }) =>
    markup`<tr><td><bdi>${titleOf(name)}</bdi></td><td class="number">${formatScore(meanOf(cell.values))}</td><td class="number"><span class="${cell.verdict}">${formatDifference(cell.difference)}</span></td><td class="picture">${stripPicture(cell, range)}</td></tr>
`,
)}</tbody>
</table>
`;
}
