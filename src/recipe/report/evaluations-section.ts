/** What stages of evaluation found. */
import { formatCount } from '../../observe/numbers.ts';
import { formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { EvaluationSummary, TaskFigure } from '../summary.ts';

export function evaluationsSection(evaluations: readonly EvaluationSummary[]): Markup {
  const done = evaluations.flatMap(({ tasks, ...head }) => (tasks === undefined ? [] : [{ ...head, tasks }]));
  if (done.length === 0) return markup``;
  return markup`<section class="long" id="evaluations">
<h2>Evaluations</h2>
<p class="note">Every answer, with slices and the worst errors, is in the report of the stage.</p>
${done.map(
  ({
    name,
    of,
    tasks,
  }) => markup`<h3><bdi>${name}</bdi>: ${of === 'base' ? 'the base' : markup`the model after <bdi>${of}</bdi>`}</h3>
<div class="scroll"><table>
<thead><tr><th>Task</th><th>Metric</th><th class="number">Questions</th><th class="number">Value</th><th class="number">Interval</th></tr></thead>
<tbody>
${tasks.map(taskRow)}</tbody>
</table></div>
`,
)}</section>
`;
}

function taskRow({ task, metric, n, value, interval }: TaskFigure): Markup {
  return markup`<tr><td><bdi>${task}</bdi></td><td><bdi>${metric}</bdi></td><td class="number">${formatCount(n)}</td><td class="number">${formatScore(value)}</td><td class="number">${interval === null ? '\u2013' : `${formatScore(interval.low)} to ${formatScore(interval.high)}`}</td></tr>
`;
}
