/** Lengths of answers as bars, those that were cut off in the colour of warnings, and the limit as a line. */
import { formatCount } from '../../observe/numbers.ts';
import { ticksIn } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { AnswerLengths } from './summary.ts';

const [WIDTH, HEIGHT] = [392, 190];
const [LEFT, RIGHT, TOP, BOTTOM] = [6, 16, 46, 36];

export function lengthHistogram({ limit, width, finished, cutOff, median }: AnswerLengths): Markup {
  const plot = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };
  const most = Math.max(1, ...finished.map((count, i) => count + cutOff[i]));
  const step = plot.width / finished.length;
  const bar = (i: number, from: number, count: number) =>
    `M${fixed(i * step + 0.5)} ${fixed(plot.height * (1 - from / most))}h${fixed(step - 1)}v${fixed((-plot.height * count) / most)}h${fixed(1 - step)}z`;
  /** The middle of a length's place: lengths are whole numbers. */
  const at = (tokens: number) => fixed(((tokens + 0.5) / (finished.length * width)) * plot.width);
  const ticks = ticksIn({ low: 0, high: limit }, 5).filter(Number.isInteger);
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Answer lengths: median ${median} of at most ${limit} tokens">
<text class="title" x="0" y="14">Lengths of answers<tspan class="unit" dx="6">tokens, median ${formatCount(Math.round(median))}</tspan></text>
<g transform="translate(${LEFT} ${TOP})">
<path class="bar" d="${finished.map((count, i) => (count > 0 ? bar(i, 0, count) : '')).join('')}"/>
<path class="bar cut-off" d="${cutOff.map((count, i) => (count > 0 ? bar(i, finished[i], count) : '')).join('')}"/>
<path class="axis" d="M0 ${plot.height}H${plot.width}"/>
<path class="reference" d="M${at(limit)} -10V${plot.height}"/>
<text class="tick" x="${at(limit)}" y="-15" text-anchor="end">limit ${formatCount(limit)}</text>
${ticks.map(
  (tick) =>
    markup`<text class="tick" x="${at(tick)}" y="${plot.height + 16}" text-anchor="middle">${formatCount(tick)}</text>\n`,
)}${cutOff.some((count) => count > 0) && markup`<text class="mark-label" x="${plot.width}" y="${plot.height + 32}" text-anchor="end">cut off at the limit</text>`}
</g>
</svg>`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
