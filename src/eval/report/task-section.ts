/** One task in full: what went wrong around it, its parts, its pictures, its wrong answers. */
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import { formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { calibrationPlot } from './calibration-plot.ts';
import { confusionTable } from './confusion-table.ts';
import { errorList } from './error-list.ts';
import { lengthHistogram } from './length-histogram.ts';
import { brief, named } from './model-text.ts';
import { ownRange, rangeAxis, rangePicture, shareRange } from './range-plot.ts';
import { intervalText, metricName } from './results-table.ts';
import type { SliceSummary, TaskSummary, TaskWarning } from './summary.ts';

/** Slices of fewer items are drawn pale. */
const FEW = 30;
const LONGEST_WARNING = 600;
/** Larger confusion matrices have a row of the page for themselves. */
const MOST_LABELS_BESIDE = 5;

const WARNINGS: Readonly<Record<TaskWarning['kind'], string>> = {
  definition: 'Definition',
  data: 'Data',
  contamination: 'Contamination',
  borders: 'Token borders',
  scoring: 'Scoring',
};

export function taskSection(task: TaskSummary, index: number): Markup {
  const { alias, name, version, items, clusters, kept, warnings, errors } = task;
  const counted = [
    formatPlural(items, 'item'),
    clusters !== null && `in ${formatPlural(clusters, 'group')} that share a source`,
    kept > 0 && `${formatCount(kept)} answered before`,
  ].filter(Boolean);
  return markup`<section class="long task" id="task${index}">
<h2>${named(alias)}</h2>
<p class="note"><code>${brief(name, 128)}</code>, version ${named(version)}: ${counted.join(', ')}. ${classesText(task)}</p>
${warnings.length > 0 && warningList(warnings)}${
  items === 0
    ? markup`<p>There was nothing to answer.</p>\n`
    : markup`${slicesTable(task)}${pictures(task)}${errorList(errors)}`
}</section>
`;
}

/** What became of the items that were not simply scored. */
function classesText({ classes: { unparsed, truncated, unscored, failed } }: TaskSummary): string {
  const parts = [
    unparsed > 0 && formatPlural(unparsed, 'answer was not read', 'answers were not read'),
    truncated > 0 && formatPlural(truncated, 'answer was cut off', 'answers were cut off'),
    unscored > 0 && formatPlural(unscored, 'answer could not be scored', 'answers could not be scored'),
    failed > 0 && formatPlural(failed, 'item has no answer and no score', 'items have no answer and no score'),
  ].filter(Boolean);
  return parts.length === 0 ? '' : `${parts.join('; ')}.`;
}

function warningList(warnings: readonly TaskWarning[]): Markup {
  return markup`<ul class="warnings">
${warnings.map(({ kind, text }) => markup`<li><strong>${WARNINGS[kind]}</strong> ${named(text, LONGEST_WARNING)}</li>\n`)}</ul>
`;
}

function pictures({ calibration, confusion, lengths }: TaskSummary): Markup {
  if (calibration === null && confusion === null && lengths === null) return markup``;
  const isWide = confusion !== null && confusion.labels.length > MOST_LABELS_BESIDE;
  return markup`<div class="figures">
${calibration && markup`<figure>${calibrationPlot(calibration)}</figure>\n`}${lengths && markup`<figure>${lengthHistogram(lengths)}</figure>\n`}${
  confusion && markup`<figure${isWide && markup` class="wide"`}>${confusionTable(confusion)}</figure>\n`
}</div>
`;
}

function slicesTable({ slices, omittedSlices, metrics }: TaskSummary): Markup {
  if (slices.length === 0) return markup``;
  const range = metrics[0].isShare ? shareRange(slices) : ownRange(slices);
  const names = [...new Set(slices.map(({ slice }) => slice))];
  return markup`<table class="scores slices">
<thead><tr><th>${metricName(metrics[0])}, by</th><th class="number">Value</th><th class="number">Interval</th><th class="picture">${rangeAxis(range)}</th><th class="number">Items</th></tr></thead>
${names.map(
  (name) => markup`<tbody>
<tr class="task"><th colspan="5" scope="rowgroup">${named(name)}</th></tr>
${slices.filter(({ slice }) => slice === name).map((slice) => sliceRow(slice, range))}</tbody>
`,
)}</table>
${omittedSlices > 0 && markup`<p class="note">${formatPlural(omittedSlices, 'smaller part')} left out.</p>\n`}`;
}

function sliceRow(slice: SliceSummary, range: { readonly low: number; readonly high: number }): Markup {
  const isQuiet = slice.n < FEW;
  return markup`<tr${isQuiet && markup` class="few"`}><td class="metric">${slice.of.trim() === '' ? markup`<span class="nothing">empty</span>` : named(slice.of)}</td><td class="number value">${formatScore(slice.value)}</td><td class="number interval-text">${intervalText(slice)}</td><td class="picture">${rangePicture(slice, range, { isQuiet })}</td><td class="number" data-label="items">${formatCount(slice.n)}</td></tr>
`;
}
