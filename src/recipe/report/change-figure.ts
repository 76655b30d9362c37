/** Before and after as dots with intervals, one small picture a row, all on one scale so that rows can be compared. */
import type { Interval } from '../../eval/statistics/interval.ts';
import { type Range, rangeOf, tickLabels, ticksIn } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { ComparedRow } from './compare.ts';

const WIDTH = 260;
const MARGIN = 12;
const ROW_HEIGHT = 24;

export interface ChangeScale {
  readonly x: (value: number) => string;
  readonly ticks: readonly number[];
}

export function changeScale(rows: readonly ComparedRow[]): ChangeScale {
  const range: Range = rangeOf(
    rows.flatMap(({ before, after }) =>
      [before.low, before.high, before.value, after?.low, after?.high, after?.value].filter((v) => v !== undefined),
    ),
  );
  const x = (value: number) =>
    (MARGIN + ((value - range.low) / (range.high - range.low)) * (WIDTH - 2 * MARGIN)).toFixed(1);
  return { x, ticks: ticksIn(range, 5) };
}

/** The axis above the column. */
export function changeAxis({ x, ticks }: ChangeScale): Markup {
  const { labels } = tickLabels(ticks);
  return markup`<svg class="change" viewBox="0 0 ${WIDTH} ${ROW_HEIGHT}" aria-hidden="true">${ticks.map(
    (tick, i) =>
      markup`<path class="grid" d="M${x(tick)} 18V${ROW_HEIGHT}"/><text class="tick" x="${x(tick)}" y="13" text-anchor="middle">${labels[i]}</text>`,
  )}</svg>`;
}

/** What is not finite is not drawn. */
export function changePicture({ before, after, direction }: ComparedRow, { x, ticks }: ChangeScale): Markup {
  const middle = ROW_HEIGHT / 2;
  const grid = ticks.map((tick) => `M${x(tick)} 0V${ROW_HEIGHT}`).join('');
  const from = isDrawable(before) && before;
  const to = after !== undefined && isDrawable(after) && after;
  const intervals = [from, to].map((each) => (each ? `M${x(each.low)} ${middle}H${x(each.high)}` : '')).join('');
  return markup`<svg class="change" viewBox="0 0 ${WIDTH} ${ROW_HEIGHT}" aria-hidden="true"><path class="grid" d="${grid}"/>${
    from && to && markup`<path class="way" d="M${x(from.value)} ${middle}H${x(to.value)}"/>`
  }<path class="interval" d="${intervals}"/>${
    from && markup`<circle class="before" cx="${x(from.value)}" cy="${middle}" r="3.5"/>`
  }${to && markup`<circle class="after ${direction}" cx="${x(to.value)}" cy="${middle}" r="4"/>`}</svg>`;
}

function isDrawable({ value, low, high }: Interval): boolean {
  return [value, low, high].every(Number.isFinite);
}
