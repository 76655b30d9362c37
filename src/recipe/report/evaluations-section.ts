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
<table class="listed">
<thead><tr><th>Task</th><th>Metric</th><th class="number">Questions</th><th class="number">Value</th><th class="number">Interval</th></tr></thead>
<tbody>
${tasks.map(taskRow)}</tbody>
</table>
`,
)}</section>
`;
}

function taskRow({ task, metric, n, value, interval }: TaskFigure): Markup {
  return markup`<tr><th scope="row"><bdi>${task}</bdi></th><td data-label="Metric"><bdi>${metric}</bdi></td><td class="number" data-label="Questions">${formatCount(n)}</td><td class="number" data-label="Value">${formatScore(value)}</td><td class="number" data-label="Interval">${interval === null ? '\u2013' : `${formatScore(interval.low)} to ${formatScore(interval.high)}`}</td></tr>
`;
}
