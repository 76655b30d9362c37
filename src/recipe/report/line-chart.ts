/** Line charts as inline SVG: round ticks, names and last values beside the lines instead of a legend, colours from the page. */
import { powerOfTen, type Range, tickLabels, ticksIn, toTicks } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { Point } from './curve.ts';

export interface ChartLine {
  /** Stands at the end of the line. */
  readonly label: string;
  readonly points: readonly Point[];
  /** Drawn thin and pale behind the line. */
  readonly raw?: readonly Point[];
  /** Intervals at some places. */
  readonly intervals?: readonly { readonly x: number; readonly low: number; readonly high: number }[];
  /** Place in the page's palette. */
  readonly tone: number;
  /** Mark each point: for few of them. */
  readonly dots?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  /** What the numbers are: "nats per token". */
  readonly unit?: string;
  readonly lines: readonly ChartLine[];
  /** In units of the picture, 1 for a pixel at its natural size. */
  readonly width: number;
  readonly height: number;
  /** Least room for names at the right, so that charts of one column have their axes below each other. */
  readonly labelRoom?: number;
  /** What is counted from left to right. */
  readonly across: string;
  /** The last place on the x axis, from 0. */
  readonly end: number;
  /** Shown in any case; values beyond are cut off. */
  readonly range: Range;
  /** A dashed line with its name. */
  readonly reference?: { readonly y: number; readonly label: string };
  /** Small marks above the x axis, such as steps that were skipped: a row for each kind. */
  readonly marks?: readonly ChartMarks[];
}

interface ChartMarks {
  readonly at: readonly number[];
  readonly label: string;
}

const TOP = 30;
const BOTTOM = 34;
const LEFT = 40;
const LABEL_HEIGHT = 15;
const CHARACTER_WIDTH = 6.6;
const MOST_MARKS = 200;
/** Height of a row of marks. */
const MARK_ROW = 13;

export function lineChart(options: ChartOptions): Markup {
  const { title, unit, lines, width, height, across, end, range, reference, marks = [], labelRoom = 0 } = options;
  const right = Math.max(12, labelRoom, ...lines.map(({ label }) => 12 + CHARACTER_WIDTH * label.length));
  const plot = { width: width - LEFT - right, height: height - TOP - BOTTOM };
  const widened = toTicks(range, Math.max(2, Math.round(plot.height / 28)));
  const yTicks = ticksIn(widened, Math.max(2, Math.round(plot.height / 28)));
  const { low, high } = widened;
  const xTicks = ticksIn({ low: 0, high: Math.max(end, 1e-9) }, Math.max(2, Math.round(plot.width / 70)));
  const x = (value: number) => fixed((value / Math.max(end, 1e-9)) * plot.width);
  const y = (value: number) => fixed(plot.height - ((value - low) / (high - low)) * plot.height);
  const { labels, exponent } = tickLabels(yTicks);
  const subtitle = [unit, exponent !== 0 && powerOfTen(exponent)].filter(Boolean).join(', ');
  const ends = spread(lines, { y: (value) => Number(y(value)), height: plot.height });

  return markup`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(options)}">
<text class="title" x="0" y="14">${title}${subtitle !== '' && markup`<tspan class="unit" dx="6">${subtitle}</tspan>`}</text>
<g transform="translate(${LEFT} ${TOP})">
${yTicks.map(
  (tick, i) => markup`<path class="grid" d="M0 ${y(tick)}H${fixed(plot.width)}"/>
<text class="tick" x="-7" y="${y(tick)}" dy="0.33em" text-anchor="end">${labels[i]}</text>
`,
)}${xTicks.map(
  (tick, i) => markup`<path class="axis" d="M${x(tick)} ${plot.height}v4"/>
<text class="tick" x="${x(tick)}" y="${plot.height + 17}" text-anchor="middle">${tickLabels(xTicks).labels[i]}</text>
`,
)}<path class="axis" d="M0 ${plot.height}H${fixed(plot.width)}"/>
<text class="tick" x="${fixed(plot.width)}" y="${plot.height + 31}" text-anchor="end">${across}</text>
<svg class="plot" width="${fixed(plot.width)}" height="${plot.height}">
${lines.map(({ raw = [], tone }) => raw.length > 1 && markup`<path class="raw tone${tone}" d="${pathOf(raw, x, y)}"/>\n`)}${
  reference && markup`<path class="reference" d="M0 ${y(reference.y)}H${fixed(plot.width)}"/>\n`
}</svg>
${lines.map((line) => drawLine(line, x, y))}${
  reference &&
  markup`<text class="tick" x="${fixed(plot.width)}" y="${y(reference.y)}" dy="-5" text-anchor="end">${reference.label}</text>\n`
}${marks.filter(({ at }) => at.length > 0).map((row, i) => drawMarks(row, x, { ...plot, height: plot.height - MARK_ROW * i }))}${ends.map(
  ({ line, at }) =>
    markup`<text class="name tone${line.tone}" x="${fixed(plot.width + 8)}" y="${fixed(at)}" dy="0.33em">${line.label}</text>\n`,
)}</g>
</svg>`;
}

type Place = (value: number) => string;

function drawLine({ points, intervals = [], tone, dots = false }: ChartLine, x: Place, y: Place): Markup {
  const single = points.length === 1;
  return markup`${intervals.map(
    (interval) =>
      markup`<path class="interval tone${tone}" d="M${x(interval.x)} ${y(interval.low)}V${y(interval.high)}"/>\n`,
  )}${points.length > 1 && markup`<path class="line tone${tone}" d="${pathOf(points, x, y)}"/>\n`}${
    (dots || single) &&
    points.map((point) => markup`<circle class="dot tone${tone}" cx="${x(point.x)}" cy="${y(point.y)}" r="3"/>\n`)
  }`;
}

function drawMarks(
  { at, label }: ChartMarks,
  x: Place,
  { width, height }: { readonly width: number; readonly height: number },
): Markup {
  const first = Number(x(at[0]));
  const leftOf = first > width * 0.7;
  return markup`<path class="mark" d="${at
    .slice(0, MOST_MARKS)
    .map((value) => `M${x(value)} ${height - 8}v8`)
    .join('')}"/>
<text class="mark-label" x="${fixed(first + (leftOf ? -4 : 4))}" y="${height - 5}" text-anchor="${leftOf ? 'end' : 'start'}">${label}</text>
`;
}

function pathOf(points: readonly Point[], x: Place, y: Place): string {
  return points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x)} ${y(point.y)}`).join('');
}

/** Where the names go: beside the last points, moved apart where they would overlap. */
function spread(
  lines: readonly ChartLine[],
  { y, height }: { readonly y: (value: number) => number; readonly height: number },
): { readonly line: ChartLine; at: number }[] {
  const ends = lines
    .filter(({ points }) => points.length > 0)
    .map((line) => ({ line, at: Math.min(height, Math.max(0, y(line.points[line.points.length - 1].y))) }))
    .sort((a, b) => a.at - b.at);
  for (let i = 1; i < ends.length; i++) ends[i].at = Math.max(ends[i].at, ends[i - 1].at + LABEL_HEIGHT);
  const excess = ends.length > 0 ? ends[ends.length - 1].at - height : 0;
  for (let i = ends.length - 1, limit = height; excess > 0 && i >= 0; i--, limit -= LABEL_HEIGHT) {
    ends[i].at = Math.min(ends[i].at, limit);
  }
  return ends;
}

/** For those who hear the picture. */
function describe({ title, unit, lines, across, marks = [] }: ChartOptions): string {
  const courses = lines
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => {
      const course = `from ${short(points[0].y)} to ${short(points[points.length - 1].y)}`;
      return lines.length > 1 ? `${label}: ${course}` : course;
    });
  const marked = marks.filter(({ at }) => at.length > 0).map(({ at, label }) => `${label} at ${at.length} of them`);
  const what = `${title}${unit === undefined ? '' : ` in ${unit}`} over ${across}`;
  return [`${what}: ${courses.join('; ') || 'nothing'}`, ...marked].join('; ');
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
