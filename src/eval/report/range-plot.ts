/** A value with its interval and baselines as one small picture a row, on a scale that rows share. */
import { type Range, rangeOf, tickLabels, ticksIn } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { MetricSummary } from './summary.ts';

const WIDTH = 220;
const MARGIN = 12;
const HEIGHT = 22;
const MIDDLE = HEIGHT / 2;

type Measured = Pick<MetricSummary, 'value' | 'interval' | 'random' | 'majority' | 'isShare'>;

/** From 0 to 1, and below where some metric is: correlations may be. */
export function shareRange(metrics: readonly Measured[]): Range {
  const lows = metrics.flatMap(({ value, interval, isShare }) => (isShare ? [value ?? 0, interval?.low ?? 0] : []));
  return { low: Math.min(0, Math.max(-1, ...[Math.min(0, ...lows)])), high: 1 };
}

/** Wide enough for these metrics. */
export function ownRange(metrics: readonly Measured[]): Range {
  return rangeOf(metrics.flatMap(({ value, interval }) => [value, interval?.low, interval?.high].map((v) => v ?? NaN)));
}

/** The axis above a column. */
export function rangeAxis(range: Range): Markup {
  const x = placeIn(range);
  const ticks = ticksIn(range, 5);
  const { labels } = tickLabels(ticks);
  return markup`<svg class="range-plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">${ticks.map(
    (tick, i) =>
      markup`<path class="grid" d="M${x(tick)} 16V${HEIGHT}"/><text class="tick" x="${x(tick)}" y="12" text-anchor="middle">${labels[i]}</text>`,
  )}</svg>`;
}

export interface RangePlotOptions {
  /** Drawn pale: too few items to say much. */
  readonly isQuiet?: boolean;
  /** Of the dot, among the page's words for directions. */
  readonly tone?: 'plain' | 'better' | 'worse' | 'unclear';
  /** A strong line here, such as at no difference. */
  readonly reference?: number;
}

/** What is beyond the scale is drawn at its end, what is no number not at all. */
export function rangePicture(
  { value, interval, random, majority }: Omit<Measured, 'isShare'>,
  range: Range,
  { isQuiet = false, tone = 'plain', reference }: RangePlotOptions = {},
): Markup {
  const x = placeIn(range);
  const grid = ticksIn(range, 5)
    .map((tick) => `M${x(tick)} 0V${HEIGHT}`)
    .join('');
  return markup`<svg class="range-plot${isQuiet && ' quiet'}" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true"><path class="grid" d="${grid}"/>${
    reference !== undefined && markup`<path class="zero" d="M${x(reference)} 0V${HEIGHT}"/>`
  }${random !== null && markup`<path class="random" d="M${x(random)} 4V${HEIGHT - 4}"/>`}${
    majority !== null && markup`<path class="majority" d="M${x(majority)} 4V${HEIGHT - 4}"/>`
  }${interval && markup`<path class="interval" d="M${x(interval.low)} ${MIDDLE}H${x(interval.high)}"/>`}${
    value !== null && markup`<circle class="${tone}" cx="${x(value)}" cy="${MIDDLE}" r="3.6"/>`
  }</svg>`;
}

function placeIn({ low, high }: Range): (value: number) => string {
  return (value) => {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return (MARGIN + share * (WIDTH - 2 * MARGIN)).toFixed(1);
  };
}
