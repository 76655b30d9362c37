/** Before and after as dots with intervals, one small picture a row, all on one scale so that rows can be compared. */
import type { Interval } from '../../eval/statistics/interval.ts';
import { type Range, rangeOf, tickLabels, ticksIn } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { ComparedRow } from './compare.ts';

const WIDTH = 260;
const MARGIN = 12;
const ROW_HEIGHT = 24;

export interface ChangeScale {
  readonly range: Range;
  readonly x: (value: number) => string;
  readonly ticks: readonly number[];
}

/** @param range what the scale spans; all that the rows hold unless told */
export function changeScale(rows: readonly ComparedRow[], range: Range = rangeOf(rows.flatMap(valuesOf))): ChangeScale {
  const x = (value: number) =>
    (MARGIN + ((value - range.low) / (range.high - range.low)) * (WIDTH - 2 * MARGIN)).toFixed(1);
  return { range, x, ticks: ticksIn(range, 5) };
}

function valuesOf({ before, after }: ComparedRow): number[] {
  return [before, ...(after === undefined ? [] : [after])].flatMap(({ value, low, high }) => [value, low, high]);
}

/** The axis above the column. */
export function changeAxis({ x, ticks }: ChangeScale): Markup {
  const { labels } = tickLabels(ticks);
  return markup`<svg class="change" viewBox="0 0 ${WIDTH} ${ROW_HEIGHT}" aria-hidden="true">${ticks.map(
    (tick, i) =>
      markup`<path class="grid" d="M${x(tick)} 18V${ROW_HEIGHT}"/><text class="tick" x="${x(tick)}" y="13" text-anchor="middle">${labels[i]}</text>`,
  )}</svg>`;
}

/** The base is a hollow dot, the result a filled one; what is not finite or beyond the scale is not drawn. */
export function changePicture({ before, after, direction }: ComparedRow, { range, x, ticks }: ChangeScale): Markup {
  const middle = ROW_HEIGHT / 2;
  const grid = ticks.map((tick) => `M${x(tick)} 0V${ROW_HEIGHT}`).join('');
  const isDrawable = (...values: number[]) => values.every((value) => value >= range.low && value <= range.high);
  const from = isDrawable(before.value) && before;
  const to = after !== undefined && isDrawable(after.value) && after;
  const interval = (each: Interval | false, y: number) =>
    each && isDrawable(each.low, each.high) ? `M${x(each.low)} ${y}H${x(each.high)}` : '';
  return markup`<svg class="change" viewBox="0 0 ${WIDTH} ${ROW_HEIGHT}" aria-hidden="true"><path class="grid" d="${grid}"/>${
    from && to && markup`<path class="way" d="M${x(from.value)} ${middle}H${x(to.value)}"/>`
  }<path class="interval" d="${interval(from, middle - 7)}${interval(to, middle + 7)}"/>${
    from && markup`<circle class="before" cx="${x(from.value)}" cy="${middle}" r="3.5"/>`
  }${to && arrival(direction, x(to.value), middle)}</svg>`;
}

/** Better is a disc, worse a diamond, no clear change a square: the shape tells it without the colour. */
function arrival(direction: ComparedRow['direction'], x: string, y: number): Markup {
  if (direction === 'better') return markup`<circle class="after better" cx="${x}" cy="${y}" r="4"/>`;
  const outline = direction === 'worse' ? 'm-5 0l5 -5l5 5l-5 5Z' : 'm-3.5 -3.5h7v7h-7Z';
  return markup`<path class="after ${direction}" d="M${x} ${y}${outline}"/>`;
}
