/** Axes: round ticks, and numbers short enough to stand beside them. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The smallest range that holds all finite values; [0, 1] without any, and never without width. */
export function rangeOf(values: Iterable<number>): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  if (low < high) return { low, high };
  const room = Math.abs(low) * 0.1 || 1;
  return { low: low - room, high: high + room };
}

/** The part of `range` that is left when `share` of the values at each end may be cut off. */
export function quantileRange(values: readonly number[], share: number): Range {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))];
  return rangeOf([at(share), at(1 - share)]);
}

/** At most `most` (2 or more) multiples of 1, 2 or 5 times a power of ten within the range. */
export function ticksIn(range: Range, most: number): number[] {
  const step = tickStep(range, most);
  const first = Math.ceil(range.low / step - 1e-9);
  const last = Math.floor(range.high / step + 1e-9);
  // Rounded to the digits that the step has: 3 * 0.1 is not 0.3.
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toFixed(Math.min(100, digits))),
  );
}

/** Share of a range that it may grow by at each end to reach the next tick. */
const ROOM = 0.1;

/** The range, with an end moved out to the next tick where that is near. */
export function toTicks({ low, high }: Range, most: number): Range {
  const step = tickStep({ low, high }, most);
  const room = ROOM * (high - low);
  const below = Math.floor(low / step + 1e-9) * step;
  const above = Math.ceil(high / step - 1e-9) * step;
  return { low: low - below <= room ? below : low, high: above - high <= room ? above : high };
}

function tickStep({ low, high }: Range, most: number): number {
  const rough = (high - low) / Math.max(1, most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((f) => f * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

export interface TickLabels {
  readonly labels: readonly string[];
  /** Power of ten that the labels leave out: 0 for none. */
  readonly exponent: number;
}

const suffixes: readonly (readonly [exponent: number, suffix: string])[] = [
  [9, 'B'],
  [6, 'M'],
  [3, 'k'],
];

/** Labels with the same number of decimals; thousands and more with k, M or B, small numbers without their power of ten. */
export function tickLabels(ticks: readonly number[]): TickLabels {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const [power, suffix] = suffixes.find(([exponent]) => largest >= 10 ** exponent) ?? [0, ''];
  const exponent = largest > 0 && largest < 0.01 ? Math.floor(Math.log10(largest) + 1e-9) : 0;
  const scaled = ticks.map((tick) => Number((tick / 10 ** (power + exponent)).toPrecision(12)));
  const decimals = Math.max(0, ...scaled.map((value) => String(value).split('.')[1]?.length ?? 0));
  const labels = scaled.map((value) =>
    value === 0 ? '0' : `${value.toFixed(decimals).replace('-', '\u2212')}${suffix}`,
  );
  return { labels, exponent };
}

/** `×10⁻³` */
export function powerOfTen(exponent: number): string {
  const digits = '\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079';
  const raised = [...String(exponent)].map((c) => (c === '-' ? '\u207b' : digits[Number(c)]));
  return `\u00d710${raised.join('')}`;
}
