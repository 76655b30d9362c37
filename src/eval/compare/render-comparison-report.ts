/** The report of a comparison: one HTML file that needs nothing else, neither network nor scripts. */
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import { type Range, rangeOf } from '../../report/axis.ts';
import { formatDifference, formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { renderPage } from '../../report/page.ts';
import { brief, excerptMarkup, named } from '../report/model-text.ts';
import { rangeAxis, rangePicture } from '../report/range-plot.ts';
import { evaluationStyles } from '../report/style.ts';
import type { Excerpt } from '../report/summary.ts';
import type { ComparedModel, Comparison, ComparisonRow, Flip, TaskFlips } from './comparison.ts';
import { columnName, formatBounds, formatDetectable, formatP } from './comparison-figures.ts';
import { verdictSentence } from './verdict-sentence.ts';

/** A whole HTML document. Everything in the comparison may come from strangers. */
export function renderComparisonReport(comparison: Comparison): string {
  const { a, b } = comparison;
  return renderPage({
    title: `${brief(a.name, 60)} and ${brief(b.name, 60)} - Finery comparison`,
    styles: evaluationStyles,
    body: markup`<header>
<p class="kicker">Finery comparison &middot; the same items, one by one</p>
<h1>${named(a.name)} and ${named(b.name)}</h1>
<p class="verdict">${verdictSentence(comparison)}</p>
${facts(comparison)}</header>
<main>
${differences(comparison)}${flips(comparison)}</main>
<footer>Every number on this page was computed from the scores in both folders.</footer>
`,
  });
}

function facts({ a, b, settings, onlyA, onlyB }: Comparison): Markup {
  const model = ({ name, identity, folder }: ComparedModel) =>
    markup`${named(name)}, <code>${identity.slice(0, 12)}</code>, in ${named(folder)}`;
  const told = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  const list: [string, Markup][] = [
    ['A', model(a)],
    ['B', model(b)],
    ['Settings of both', named(told.join(', ') || 'as the tasks say', 200)],
    ...(onlyA.length > 0 ? [['Only A', named(onlyA.join(', '), 200)] satisfies [string, Markup]] : []),
    ...(onlyB.length > 0 ? [['Only B', named(onlyB.join(', '), 200)] satisfies [string, Markup]] : []),
  ];
  return markup`<dl class="facts">${list.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

function differences({ rows, confidence }: Comparison): Markup {
  const percent = Number((100 * confidence).toFixed(1));
  const shared = sharedRange(rows);
  const tasks = [...new Set(rows.map(({ task }) => task))];
  return markup`<section class="long">
<h2>Differences</h2>
<p class="note">B minus A on the items that both answered, with ${percent}% intervals from drawing items, or groups of items that share a source, together for both. A model is called better only where the interval leaves zero out and the p-value, adjusted after Holm for all ${formatPlural(rows.length, 'row')}, is below 0.05. What these items can show is the smallest true difference that they would show 4 times in 5.</p>
<table class="scores">
<thead><tr><th>Metric</th><th class="number">A</th><th class="number">B</th><th class="number">B &minus; A</th><th class="number">Interval</th><th class="picture">${rangeAxis(shared)}</th><th class="number">p (Holm)</th><th class="number">Can show</th><th class="number">Items</th><th>Verdict</th></tr></thead>
${tasks.map((task) => {
  const own = rows.filter((row) => row.task === task);
  return markup`<tbody>
<tr class="task"><th colspan="10" scope="rowgroup">${named(own[0].alias)}</th></tr>
${own.map((row) => differenceRow(row, shared))}</tbody>
`;
})}</table>
</section>
`;
}

function differenceRow(row: ComparisonRow, shared: Range): Markup {
  const { a, b, difference, interval, adjustedP, test, n, missing, higherIsBetter, verdict } = row;
  const range = fits(row) ? shared : differenceRange([row]);
  const tone = verdict === 'no difference shown' ? 'unclear' : verdict === 'B better' ? 'better' : 'worse';
  const picture = rangePicture(
    { value: difference, interval: interval && { ...interval, method: 'bootstrap' }, random: null, majority: null },
    range,
    { tone, reference: 0 },
  );
  return markup`<tr><td class="metric">${named(columnName(row))}${!higherIsBetter && markup` <span class="less">less is better</span>`}</td><td class="number" data-label="A">${formatScore(a)}</td><td class="number" data-label="B">${formatScore(b)}</td><td class="number value">${formatDifference(difference)}</td><td class="number interval-text">${formatBounds(row)}</td><td class="picture">${range !== shared && rangeAxis(range)}${picture}</td><td class="number" data-label="p (Holm)"${test !== null && markup` title="${test}"`}>${formatP(adjustedP)}</td><td class="number" data-label="can show">${formatDetectable(row)}</td><td class="number" data-label="items">${formatCount(n)}${missing > 0 && markup` <span class="alarm">${formatCount(missing)} without</span>`}</td><td class="${tone}" data-label="">${verdict}</td></tr>
`;
}

/** Differences of shares; those of perplexities and the like have a scale of their own. */
function fits({ a, b }: ComparisonRow): boolean {
  return [a, b].every((value) => value === null || Math.abs(value) <= 1);
}

function sharedRange(rows: readonly ComparisonRow[]): Range {
  return differenceRange(rows.filter(fits));
}

/** As far to the left of zero as to the right. */
function differenceRange(rows: readonly ComparisonRow[]): Range {
  const ends = rows.flatMap(({ difference, interval }) => [difference, interval?.low, interval?.high]);
  const { low, high } = rangeOf(ends.map((end) => Math.abs(end ?? 0)).concat(0));
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  return { low: -reach, high: reach };
}

function flips({ flips: tasks }: Comparison): Markup {
  if (tasks.length === 0) return markup``;
  return markup`<section class="long">
<h2>Items that changed sides</h2>
<p class="note">Right for one model and wrong for the other, by the headline of each task. Both counts differ by what the score differs by; as many items as the smaller count changed without showing in it.</p>
${tasks.map(flipList)}</section>
`;
}

function flipList({ alias, onlyA, onlyB, shown }: TaskFlips): Markup {
  const title = `${formatPlural(onlyA, 'item')} only A got right, ${formatCount(onlyB)} only B`;
  if (shown.length === 0) return markup`<p><strong>${named(alias)}</strong>: ${title}.</p>\n`;
  const rest = shown.length < onlyA + onlyB ? `; ${shown.length} shown` : '';
  return markup`<details class="errors"><summary><strong>${named(alias)}</strong>: ${title}${rest}</summary>
${shown.map(flipItem)}</details>
`;
}

function flipItem({ id, right, answerA, answerB }: Flip): Markup {
  const answer = (model: 'A' | 'B', text: Excerpt | null) =>
    text &&
    markup`<dt>${model}, ${model === right ? 'right' : 'wrong'}</dt><dd><pre dir="auto">${excerptMarkup(text)}</pre></dd>\n`;
  const isWritten = answerA !== null || answerB !== null;
  return markup`<article class="error"><h4>${named(id, 120)} <span class="badge">only ${right}</span></h4>
${isWritten && markup`<dl class="reading">\n${answer('A', answerA)}${answer('B', answerB)}</dl>\n`}</article>
`;
}
