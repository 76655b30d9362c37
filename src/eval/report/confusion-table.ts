/** Right labels in rows, predicted ones in columns, shaded by their share of the row. */
import { formatCount } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { named } from './model-text.ts';
import type { LabelConfusion } from './summary.ts';

const LONGEST_LABEL = 24;

export function confusionTable({ metric, filter, labels, counts }: LabelConfusion): Markup {
  const unread = counts.some((row) => row[labels.length] > 0);
  const shown = unread ? labels.length + 1 : labels.length;
  return markup`<div class="scroll"><table class="confusion">
<caption>Right label (rows) and answer (columns)${filter !== 'none' && markup`, as read for ${named(metric)} by ${named(filter)}`}</caption>
<thead><tr><th></th>${labels.map((label) => markup`<th class="number">${named(label, LONGEST_LABEL)}</th>`)}${
    unread && markup`<th class="number">none of them</th>`
  }</tr></thead>
<tbody>
${counts.map((row, i) => {
  const total = row.reduce((a, b) => a + b, 0);
  return markup`<tr><th>${named(labels[i], LONGEST_LABEL)}</th>${row.slice(0, shown).map((count, column) => {
    const percent = total === 0 ? 0 : Math.round((70 * count) / total);
    const kind = column === i ? 'right' : 'wrong';
    return markup`<td class="number ${kind}" style="--share: ${percent}%">${formatCount(count)}</td>`;
  })}</tr>
`;
})}</tbody>
</table></div>
`;
}
