/** How often answers are right against how sure the model was of them. */
import { type Markup, markup } from '../../report/markup.ts';
import type { Calibration } from './summary.ts';

const SIZE = 230;
const [LEFT, TOP, BOTTOM] = [42, 28, 38];
const WIDTH = LEFT + SIZE + 120;
const HEIGHT = TOP + SIZE + BOTTOM;
/** Bins of fewer items are drawn pale. */
const FEW = 10;

export function calibrationPlot({ bins, error, n }: Calibration): Markup {
  const x = (share: number) => fixed(share * SIZE);
  const y = (share: number) => fixed((1 - share) * SIZE);
  const most = Math.max(...bins.map((bin) => bin.n));
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Calibration: expected error ${error.toFixed(3)} over ${n} items">
<text class="title" x="0" y="14">Calibration<tspan class="unit" dx="6">expected error ${error.toFixed(3)}</tspan></text>
<g transform="translate(${LEFT} ${TOP})">
${[0, 0.25, 0.5, 0.75, 1].map(
  (tick) =>
    markup`<path class="grid" d="M0 ${y(tick)}H${SIZE}M${x(tick)} 0V${SIZE}"/><text class="tick" x="-7" y="${y(tick)}" dy="0.33em" text-anchor="end">${tick}</text><text class="tick" x="${x(tick)}" y="${SIZE + 16}" text-anchor="middle">${tick}</text>
`,
)}<path class="reference" d="M0 ${SIZE}L${SIZE} 0"/>
${bins.map(
  (bin) =>
    markup`<g${bin.n < FEW && markup` class="quiet"`}><path class="interval" d="M${x(bin.confidence)} ${y(bin.low)}V${y(bin.high)}"/><circle class="dot" cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="${fixed(2.5 + 4.5 * Math.sqrt(bin.n / most))}"/></g>
`,
)}<text class="tick" x="${SIZE}" y="${SIZE + 32}" text-anchor="end">probability of the chosen option</text>
<text class="tick" x="${SIZE + 8}" y="0" dy="0.33em">as often right</text><text class="tick" x="${SIZE + 8}" y="14" dy="0.33em">as it is sure</text>
</g>
</svg>`;
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
