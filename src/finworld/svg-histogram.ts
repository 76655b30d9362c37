/** Histograms as small self-contained SVG. */

export interface HistogramOptions {
  readonly title: string;
  /** The range drawn; values outside fall into the first or last bar. */
  readonly low: number;
  readonly high: number;
  readonly bars: number;
  /** How an axis value is written. */
  readonly label: (value: number) => string;
}

const width = 360;
const height = 150;
const base = 118;
const top = 28;

/** Bars of equal width whose heights are the counts; a line marks the median. Throws on an empty range. */
export function svgHistogram(values: readonly number[], { title, low, high, bars, label }: HistogramOptions): string {
  if (!(high > low) || !Number.isInteger(bars) || bars < 1)
    throw new Error(`histogram of ${bars} bars over [${low}, ${high}]`);
  const counts = new Array<number>(bars).fill(0);
  for (const value of values) {
    const at = Math.floor(((value - low) / (high - low)) * bars);
    counts[Math.max(0, Math.min(bars - 1, at))]++;
  }
  const tallest = Math.max(1, ...counts);
  const step = width / bars;
  const rects = counts
    .map((n, i) => ({ x: i * step, h: (n / tallest) * (base - top) }))
    .filter(({ h }) => h > 0)
    .map(
      ({ x, h }) =>
        `<rect x="${x.toFixed(1)}" y="${(base - h).toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${h.toFixed(1)}"/>`,
    );
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? low;
  const mark = (Math.max(0, Math.min(1, (median - low) / (high - low))) * width).toFixed(1);
  const text = (x: number, anchor: string, value: string) =>
    `<text x="${x}" y="134" text-anchor="${anchor}">${value}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="0" y="14" font-size="12" font-weight="bold">${title}</text>`,
    `<g fill="#4a6fa5">${rects.join('')}</g>`,
    `<path d="M0 ${base}H${width}M${mark} ${top}V${base}" stroke="#333" fill="none"/>`,
    text(0, 'start', label(low)),
    text(width, 'end', label(high)),
    text(width / 2, 'middle', `median ${label(median)}, n = ${values.length}`),
    '</svg>\n',
  ].join('\n');
}
