/** The report of an evaluation: one HTML file that needs nothing else, neither network nor scripts. */
import { formatAmount, formatCount, formatPlural } from '../../observe/numbers.ts';
import { formatDuration } from '../../observe/progress.ts';
import { formatScore, formatTime } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { renderPage } from '../../report/page.ts';
import type { Usage } from '../model/language-model.ts';
import { capabilityFigure } from './capability-figure.ts';
import { brief, named } from './model-text.ts';
import { resultsTable } from './results-table.ts';
import { evaluationStyles } from './style.ts';
import type { CapabilitySummary, EvaluationSummary, TaskSummary } from './summary.ts';
import { taskSection } from './task-section.ts';
import { verdictOn } from './verdict.ts';

/** A whole HTML document. Everything in the summary may come from strangers. */
export function renderEvaluationReport(evaluation: EvaluationSummary): string {
  const { model, started, seconds, tasks, environment } = evaluation;
  return renderPage({
    title: `${brief(model.name, 80)} - Finery evaluation`,
    styles: evaluationStyles,
    body: markup`<header>
<p class="kicker">Finery evaluation &middot; ${brief(formatTime(started), 40)} &middot; ${formatDuration(seconds)}</p>
<h1>${named(model.name, 120)}</h1>
<p class="verdict">${verdictOn(tasks)}</p>
${facts(evaluation)}</header>
<main>
${capabilities(evaluation)}${results(evaluation)}${tasks.map(taskSection)}${reproduce(evaluation)}</main>
<footer>Finery ${environment.versions.finery}. Everything on this page was computed from the answers that are kept beside it.</footer>
`,
  });
}

function facts({ model, settings, usage, judge, environment: { machine }, tasks }: EvaluationSummary): Markup {
  const items = tasks.reduce((sum, task) => sum + task.items, 0);
  const list: [string, Markup | string][] = [
    ['Identity', markup`<code>${model.identity.slice(0, 12)}</code>`],
    ['Tasks', `${formatPlural(tasks.length, 'task')}, ${formatPlural(items, 'item')}`],
    ...usageFacts(usage),
    ...(judge === undefined ? [] : judgeFacts(judge)),
    ...(model.contextLength === null
      ? []
      : [['Context', `${formatCount(model.contextLength)} tokens`] satisfies [string, string]]),
    ['Settings', named(settingsText(settings), 200)],
    ['Machine', named(`${machine.processor}, ${formatPlural(machine.cores, 'thread')}`)],
  ];
  return markup`<dl class="facts">${list.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${model.scoringLimitation !== null && markup`<p class="warning">Likelihoods: ${named(model.scoringLimitation, 400)}</p>\n`}`;
}

function usageFacts({ promptTokens, answerTokens, requests, cached, cost }: Usage): [string, string][] {
  return [
    ['Tokens', `${formatAmount(promptTokens)} read, ${formatAmount(answerTokens)} written`],
    ['Requests', `${formatCount(requests)}${cached > 0 ? `, ${formatCount(cached)} known` : ''}`],
    ...(cost === undefined ? [] : [['Cost', `$${cost.toFixed(2)}`] satisfies [string, string]]),
  ];
}

function judgeFacts({ name, usage }: NonNullable<EvaluationSummary['judge']>): [string, Markup | string][] {
  const ofJudge = usageFacts(usage).map(([fact, text]): [string, string] => [`Judge: ${fact.toLowerCase()}`, text]);
  return [['Judge', named(name)], ...ofJudge];
}

function settingsText(settings: EvaluationSummary['settings']): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? 'as the tasks say' : parts.join(', ');
}

function capabilities({ capabilities: list, tasks }: EvaluationSummary): Markup {
  if (list.length === 0) return markup``;
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const missing = tasks.length - list.reduce((sum, { tasks: names }) => sum + names.length, 0);
  return markup`<section>
<h2>Capabilities</h2>
<p class="note">Each task's headline on a scale from picking at random (0) to all right (1), averaged over the tasks of a capability.${missing > 0 && ` ${formatPlural(missing, 'task')} without a place on such a scale ${missing === 1 ? 'is' : 'are'} left out.`}</p>
<div class="capabilities">
<figure>${capabilityFigure(list)}</figure>
<table>
<thead><tr><th>Capability</th><th class="number">Scaled</th><th>Task</th><th class="number">Value</th><th class="number">Random</th></tr></thead>
<tbody>
${list.map((capability) => capabilityRows(capability, byName))}</tbody>
</table>
</div>
</section>
`;
}

function capabilityRows({ name, score, tasks }: CapabilitySummary, byName: ReadonlyMap<string, TaskSummary>): Markup {
  const known = tasks.flatMap((task) => byName.get(task) ?? []);
  return markup`${known.map(
    ({ alias, metrics: [headline] }, i) => markup`<tr>${
      i === 0 &&
      markup`<td rowspan="${known.length}">${named(name, 40)}</td><td class="number" rowspan="${known.length}">${formatScore(score)}</td>`
    }<td>${named(alias, 40)}</td><td class="number">${formatScore(headline.value)}</td><td class="number">${formatScore(headline.random)}</td></tr>
`,
  )}`;
}

function results({ tasks, confidence }: EvaluationSummary): Markup {
  if (tasks.length === 0) return markup`<p>No task was evaluated.</p>\n`;
  const key = (kind: string) =>
    markup`<svg viewBox="0 0 18 13" aria-hidden="true"><path class="${kind}" d="M9 0V13"/></svg>`;
  const percent = Number((100 * confidence).toFixed(1));
  return markup`<section class="long">
<h2>Results</h2>
<p class="note">Bars are ${percent}% intervals over items, or over groups of items that share a source. <span class="key">${key('random')} picks at random</span>, <span class="key">${key('majority')} always gives the most frequent answer</span>. Not read and cut off are shares of answers; what is not read is wrong, items without a score are not counted. The last column is the smallest difference to another model's published score that these items would show 4 times in 5.</p>
${resultsTable(tasks)}</section>
`;
}

function reproduce({ commands, model, tasks, environment: { versions, machine } }: EvaluationSummary): Markup {
  const list: [string, string][] = [
    ['Finery', versions.finery],
    ['Node.js', versions.node],
    ['ONNX Runtime', versions.onnxruntime],
    ['System', `${machine.platform}, ${machine.architecture}`],
  ];
  return markup`<section>
<h2>Do it again</h2>
<pre>${commands.map((command) => brief(command, 4000)).join('\n')}</pre>
<dl class="facts">${list.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${named(value)}</dd></div>`)}</dl>
<details><summary>What exactly was evaluated</summary><div class="scroll"><table>
<thead><tr><th>What</th><th>Version</th><th>Hash</th></tr></thead>
<tbody>
<tr><td>${named(model.name)}</td><td></td><td><code>${brief(model.identity, 200)}</code></td></tr>
${tasks.map(({ name, version, hash }) => markup`<tr><td>${named(name, 128)}</td><td>${named(version)}</td><td><code>${brief(hash, 64)}</code></td></tr>\n`)}</tbody>
</table></div></details>
</section>
`;
}
