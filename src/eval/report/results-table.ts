/** Every task and metric of an evaluation, with what a score needs beside it to be believed. */
import { formatCount, formatShare } from '../../observe/numbers.ts';
import type { Range } from '../../report/axis.ts';
import { formatScore } from '../../report/figures.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { named } from './model-text.ts';
import { ownRange, rangeAxis, rangePicture, shareRange } from './range-plot.ts';
import type { MetricSummary, TaskSummary } from './summary.ts';

const NOTHING = '\u2013';

export function resultsTable(tasks: readonly TaskSummary[]): Markup {
  const range = shareRange(tasks.flatMap(({ metrics }) => metrics));
  return markup`<table class="scores">
<thead><tr><th>Metric</th><th class="number">Value</th><th class="number">Interval</th><th class="picture">${rangeAxis(range)}</th><th class="number">Random</th><th class="number">Majority</th><th class="number">Items</th><th class="number">No score</th><th class="number">Not read</th><th class="number">Cut off</th><th class="number">Can show</th></tr></thead>
${tasks.map(
  (task, i) => markup`<tbody>
<tr class="task"><th colspan="11" scope="rowgroup"><a href="#task${i}">${named(task.alias)}</a></th></tr>
${task.metrics.map((metric) => resultRow(metric, range))}</tbody>
`,
)}</table>
`;
}

function resultRow(metric: MetricSummary, range: Range): Markup {
  const { value, n, missing, unread, truncated, random, majority, detectable } = metric;
  const own = isWithin(metric, range) ? range : ownRange([metric]);
  const cell = (label: string, text: string, kind: string | false = false) =>
    markup`<td class="number${kind && ` ${kind}`}" data-label="${label}">${text}</td>`;
  return markup`<tr><td class="metric">${metricName(metric)}</td><td class="number value">${formatScore(value)}</td><td class="number interval-text">${intervalText(metric)}</td><td class="picture">${own !== range && rangeAxis(own)}${rangePicture(metric, own)}</td>${cell(
    'random',
    formatScore(random),
    random === null && 'absent',
  )}${cell('majority', formatScore(majority), majority === null && 'absent')}${cell('items', formatCount(n))}${cell(
    'no score',
    formatCount(missing),
    missing > 0 && 'alarm',
  )}${cell('not read', unread === null && truncated !== null ? 'no extraction' : rate(unread), alarm(unread))}${cell('cut off', rate(truncated), alarm(truncated))}${cell(
    'can show',
    detectable === null ? NOTHING : `\u00b1${formatScore(detectable)}`,
    detectable === null && 'absent',
  )}</tr>
`;
}

/** Shares of errors have room on the scale of shares too. */
function isWithin({ value, interval, isShare }: MetricSummary, { low, high }: Range): boolean {
  return isShare || [value, interval?.low, interval?.high].every((end) => (end ?? low) >= low && (end ?? low) <= high);
}

/** `acc`, `acc, strict` */
export function metricName({
  metric,
  filter,
  higherIsBetter,
}: Pick<MetricSummary, 'metric' | 'filter' | 'higherIsBetter'>): Markup {
  return markup`${named(metric)}${filter !== 'none' && markup`, ${named(filter)}`}${!higherIsBetter && markup` <span class="less">less is better</span>`}`;
}

/** `0.580–0.685` */
export function intervalText({ interval }: Pick<MetricSummary, 'interval'>): string {
  return interval === null ? NOTHING : `${formatScore(interval.low)}\u2013${formatScore(interval.high)}`;
}

function rate(share: number | null): string {
  return share === null ? NOTHING : formatShare(share);
}

function alarm(share: number | null): string | false {
  if (share === null) return 'absent';
  return share >= 0.05 && 'alarm';
}
