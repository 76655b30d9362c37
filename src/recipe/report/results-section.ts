/** Before and after, per capability: what people look at first. */
import { formatCount } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { RunSummary } from '../summary.ts';
import { type ChangeScale, changeAxis, changePicture, changeScale } from './change-figure.ts';
import { type ComparedRow, compareBits, compareTasks, type Direction } from './compare.ts';
import { bitsFigures, type Figures, formatLevel, formatRange, taskFigures } from './figures.ts';

export function resultsSection(summary: RunSummary): Markup {
  const tasks = compareTasks(summary);
  const bits = compareBits(summary);
  if (bits.length === 0 && tasks.length === 0) return markup``;
  const level = formatLevel(summary.recipe.evaluation.bits_per_byte.confidence);
  const names = summary.measurements.slice(1).map(({ at }) => at);
  return markup`<section class="long" id="results">
<h2>Before and after</h2>
<p class="note">Hollow dots are the base. The result is a disc where it is better, a diamond where it is worse and a square where the ${level} interval of the change holds zero. Lines are ${level} intervals, of the base above and of the result below. Changes are measured on the same questions and documents, with the base beside the result.</p>
${
  tasks.length > 0 &&
  resultsTable(tasks, {
    names,
    title: 'Tasks',
    items: 'Questions',
    note: 'What the model can do, on questions that it has not seen. Names of metrics stand behind those of tasks.',
    figures: taskFigures,
    scale: changeScale(tasks, areShares(tasks) ? { low: 0, high: 1 } : undefined),
  })
}${
  bits.length > 0 &&
  resultsTable(bits, {
    names,
    title: 'Bits per byte',
    items: 'Documents',
    note: 'How many bits the model needs for each byte of text that it was not trained on, of conversations for what the assistant says; fewer are better.',
    figures: bitsFigures,
    scale: changeScale(bits),
  })
}</section>
`;
}

interface TableOptions {
  /** Of the measurements after the base. */
  readonly names: readonly string[];
  readonly title: string;
  readonly items: string;
  readonly note: string;
  readonly figures: Figures;
  readonly scale: ChangeScale;
}

function resultsTable(rows: readonly ComparedRow[], options: TableOptions): Markup {
  const { names, title, items, note, scale } = options;
  return markup`<h3>${title}</h3>
<p class="note">${note}</p>
<table class="results">
<thead><tr><th>${title === 'Tasks' ? 'Task' : 'Held-out text'}</th><th class="number items">${items}</th><th class="number">Base</th>${names.map(
    (at, i) => markup`<th class="number${i < names.length - 1 && ' between'}">After ${at}</th>`,
  )}<th class="number">Change</th><th class="range">Interval</th><th class="picture" aria-hidden="true">${changeAxis(scale)}</th></tr></thead>
<tbody>
${rows.map((row) => resultRow(row, options))}</tbody>
</table>
`;
}

function resultRow(row: ComparedRow, { figures, scale }: TableOptions): Markup {
  const { name, metric, isSource, items, before, later, change, range, direction } = row;
  return markup`<tr class="${isSource ? 'source' : 'set'}"><td><bdi>${name}</bdi>${
    metric !== undefined && markup` <span class="metric"><bdi>${metric}</bdi></span>`
  }</td><td class="number items">${formatCount(items)}</td><td class="number">${figures.value(before.value)}</td>${later.map(
    (after, i) =>
      markup`<td class="number${i < later.length - 1 && ' between'}">${after === undefined ? '\u2013' : figures.value(after.value)}</td>`,
  )}<td class="number"><span class="${direction}">${change === undefined ? '\u2013' : markup`${figures.change(change)}<span class="heard">, ${words[direction]}</span>`}</span></td><td class="range">${range !== undefined && formatRange(range, figures)}</td><td class="picture">${changePicture(row, scale)}</td></tr>
`;
}

/** For those who do not see the picture. */
const words: Readonly<Record<Direction, string>> = { better: 'better', worse: 'worse', unclear: 'no clear change' };

function areShares(rows: readonly ComparedRow[]): boolean {
  return rows.every(({ before, after }) =>
    [before.value, after?.value ?? Number.NaN].every((value) => Number.isNaN(value) || (value >= 0 && value <= 1)),
  );
}
