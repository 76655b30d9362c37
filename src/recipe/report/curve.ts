/** Curves of a run: taken from the event log, thinned to what a picture can show, smoothed. */
import type { RunEvent } from '../../observe/events.ts';

export interface Point {
  readonly x: number;
  /** Not finite where a step had no finite value. */
  readonly y: number;
}

/** The values of one metric of one stage over steps. Where a resumed run wrote a step again, the later value holds. */
export function curveOf(events: readonly RunEvent[], stage: string, metric: string): Point[] {
  const byStep = new Map<number, number>();
  for (const event of events) {
    if (event.stage !== stage || event.metric !== metric || typeof event.value !== 'number') continue;
    byStep.set(event.step, event.value);
  }
  return [...byStep].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
}

/**
 * At most 2 * `bins` points that look like all of them: the lowest and highest of each bin, in their order. Values that are
 * not finite are kept out; ask for them beforehand.
 */
export function thin(points: readonly Point[], bins: number): Point[] {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  if (finite.length <= 2 * bins) return finite;
  return inBins(finite, bins).flatMap((bin) => {
    const low = bin.reduce((a, b) => (b.y < a.y ? b : a));
    const high = bin.reduce((a, b) => (b.y > a.y ? b : a));
    if (low === high) return [low];
    return low.x < high.x ? [low, high] : [high, low];
  });
}

/** Fewer values than this are read as well without smoothing. */
const ENOUGH = 24;
const MOST_BINS = 400;

/** Places on either side that make the median which outliers are known by. */
const NEIGHBOURS = 2;

/**
 * Local straight lines, fitted with tricube weights to `span` of the points on either side of each (LOWESS, Cleveland 1979):
 * it does not lag behind and follows the slope at the ends. What is far from the median of its neighbours weighs little, so a
 * spike leaves it where it is. Fewer than 24 values are returned as they are.
 */
export function smooth(points: readonly Point[], span = 0.04): Point[] {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  if (finite.length < ENOUGH) return finite;
  const means = inBins(finite, MOST_BINS).map((bin) => ({
    x: bin.reduce((sum, { x }) => sum + x, 0) / bin.length,
    y: bin.reduce((sum, { y }) => sum + y, 0) / bin.length,
  }));
  const reach = Math.max(4, Math.round(span * means.length));
  const trust = trustIn(means.map(({ y }) => y));
  return means.map(({ x }, i) => ({ x, y: fitAt(i, reach, means, trust) }));
}

/** Bisquare weights of values by their distance from the median around them: 0 from six times the usual distance on. */
function trustIn(values: readonly number[]): number[] {
  const distances = values.map((value, i) =>
    Math.abs(value - median(values.slice(Math.max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1))),
  );
  const limit = 6 * median(distances);
  return distances.map((distance) => {
    if (distance >= limit) return distance > 0 ? 0 : 1;
    return (1 - (distance / limit) ** 2) ** 2;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** The weighted least-squares line through the points up to `reach` places from place i, at its x. */
function fitAt(i: number, reach: number, points: readonly Point[], trust: readonly number[]): number {
  let [w, wd, wdd, wy, wdy] = [0, 0, 0, 0, 0];
  for (let j = Math.max(0, i - reach); j <= Math.min(points.length - 1, i + reach); j++) {
    const weight = trust[j] * (1 - (Math.abs(i - j) / (reach + 1)) ** 3) ** 3;
    const d = points[j].x - points[i].x;
    w += weight;
    wd += weight * d;
    wdd += weight * d * d;
    wy += weight * points[j].y;
    wdy += weight * d * points[j].y;
  }
  const determinant = w * wdd - wd * wd;
  if (determinant > 1e-12 * w * wdd) return (wdd * wy - wd * wdy) / determinant;
  return w > 0 ? wy / w : points[i].y;
}

/** Consecutive points in at most `count` bins of as nearly equal numbers as possible. */
function inBins(points: readonly Point[], count: number): Point[][] {
  const bins = Math.min(count, points.length);
  return Array.from({ length: bins }, (_, i) =>
    points.slice(Math.floor((i * points.length) / bins), Math.floor(((i + 1) * points.length) / bins)),
  );
}
