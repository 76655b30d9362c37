/** The differences of one metric as small pictures on one scale: a ring for each seed, their mean and its limits. */
import { type Range, rangeOf, tickLabels, ticksIn } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { MatrixCell } from '../difference-matrix.ts';

const WIDTH = 300;
const MARGIN = 14;
const HEIGHT = 24;
const MIDDLE = HEIGHT / 2;
const TICKS = 5;

/** As far to the left of zero as to the right. */
export function stripRange(cells: readonly MatrixCell[]): Range {
  const ends = cells.flatMap(({ differences, difference, limit }) => [
    ...differences.map((each) => each ?? 0),
    Math.abs(difference ?? 0) + (limit ?? 0),
  ]);
  const reach = Math.max(1e-9, ...ends.map(Math.abs).filter(Number.isFinite));
  return rangeOf([-reach, reach]);
}

export function stripAxis(range: Range): Markup {
  const x = placeIn(range);
  const ticks = ticksIn(range, TICKS);
  const { labels } = tickLabels(ticks);
  return markup`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">${ticks.map(
    (tick, i) =>
      markup`<path class="grid" d="M${x(tick)} 18V${HEIGHT}"/><text class="tick" x="${x(tick)}" y="13" text-anchor="middle">${labels[i]}</text>`,
  )}</svg>`;
}

/** Better is a disc, worse a diamond, no difference shown a square. */
export function stripPicture({ differences, difference, limit, verdict }: MatrixCell, range: Range): Markup {
  const x = placeIn(range);
  const grid = ticksIn(range, TICKS)
    .map((tick) => `M${x(tick)} 0V${HEIGHT}`)
    .join('');
  const rings = differences.length > 1 ? differences.filter((each) => each !== null) : [];
  return markup`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"><path class="grid" d="${grid}"/><path class="axis" d="M${x(0)} 0V${HEIGHT}"/>${
    difference !== null &&
    limit !== null &&
    markup`<path class="interval" d="M${x(difference - limit)} ${MIDDLE}H${x(difference + limit)}"/>`
  }${difference !== null && markup`<path class="${verdict}" d="M${x(difference)} ${MIDDLE}${outlines[verdict]}"/>`}${rings.map(
    (each) => markup`<circle class="seed" cx="${x(each)}" cy="${MIDDLE}" r="3"/>`,
  )}</svg>`;
}

const outlines: Readonly<Record<MatrixCell['verdict'], string>> = {
  better: 'm-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z',
  worse: 'm-5.5 0l5.5 -5.5l5.5 5.5l-5.5 5.5Z',
  unclear: 'm-4 -4h8v8h-8Z',
};

function placeIn({ low, high }: Range): (value: number) => string {
  return (value) => {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return (MARGIN + share * (WIDTH - 2 * MARGIN)).toFixed(1);
  };
}
