/** Capabilities side by side, from chance at the centre or left to all right at the rim. */
import { type Markup, markup } from '../../report/markup.ts';
import { brief } from './model-text.ts';
import type { CapabilitySummary } from './summary.ts';

/** With fewer axes there is no area, with more no room for names. */
const FEWEST_AXES = 3;
const MOST_AXES = 12;
const LONGEST_NAME = 22;
const RINGS = [0.25, 0.5, 0.75, 1];

export function capabilityFigure(capabilities: readonly CapabilitySummary[]): Markup {
  const isRadar = capabilities.length >= FEWEST_AXES && capabilities.length <= MOST_AXES;
  return isRadar ? radar(capabilities) : bars(capabilities);
}

const WIDTH = 460;
const HEIGHT = 330;
const RADIUS = 122;
const [X, Y] = [WIDTH / 2, HEIGHT / 2];

function radar(capabilities: readonly CapabilitySummary[]): Markup {
  const at = (axis: number, share: number): readonly [number, number] => {
    const angle = (2 * Math.PI * axis) / capabilities.length - Math.PI / 2;
    return [X + share * RADIUS * Math.cos(angle), Y + share * RADIUS * Math.sin(angle)];
  };
  const outline = (shareOf: (axis: number) => number) =>
    `${capabilities.map((_, axis) => `${axis === 0 ? 'M' : 'L'}${at(axis, shareOf(axis)).map(fixed).join(' ')}`).join('')}Z`;
  const spokes = capabilities.map((_, axis) => `M${X} ${Y}L${at(axis, 1).map(fixed).join(' ')}`).join('');
  return markup`<svg class="radar" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${describe(capabilities)}">
${RINGS.map((ring) => markup`<path class="grid" d="${outline(() => ring)}"/>`)}<path class="grid" d="${spokes}"/>
<path class="area" d="${outline((axis) => drawn(capabilities[axis]))}"/>
${capabilities.map((capability, axis) => {
  const [x, y] = at(axis, drawn(capability));
  const [nameX, nameY] = at(axis, 1.1);
  const anchor = Math.abs(nameX - X) < 12 ? 'middle' : nameX > X ? 'start' : 'end';
  const shift = nameY < Y - RADIUS * 0.9 ? '-0.2em' : nameY > Y + RADIUS * 0.9 ? '0.9em' : '0.33em';
  return markup`<circle class="dot" cx="${fixed(x)}" cy="${fixed(y)}" r="3.4"/><text class="name" x="${fixed(nameX)}" y="${fixed(nameY)}" dy="${shift}" text-anchor="${anchor}">${brief(capability.name, LONGEST_NAME)}</text>
`;
})}</svg>`;
}

const ROW = 30;
const NAME_ROOM = 150;

function bars(capabilities: readonly CapabilitySummary[]): Markup {
  const height = ROW * capabilities.length + 22;
  const width = WIDTH - NAME_ROOM - 14;
  return markup`<svg class="radar" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${describe(capabilities)}">
${[0, ...RINGS].map(
  (ring) =>
    markup`<path class="grid" d="M${fixed(NAME_ROOM + ring * width)} 0V${height - 18}"/><text class="tick" x="${fixed(NAME_ROOM + ring * width)}" y="${height - 4}" text-anchor="middle">${ring}</text>`,
)}
${capabilities.map(
  (capability, i) =>
    markup`<text class="name" x="${NAME_ROOM - 8}" y="${ROW * i + 16}" dy="0.33em" text-anchor="end">${brief(capability.name, LONGEST_NAME)}</text><path class="bar" d="M${NAME_ROOM} ${ROW * i + 6}h${fixed(drawn(capability) * width)}v20h-${fixed(drawn(capability) * width)}z"/>
`,
)}</svg>`;
}

/** Worse than chance has no room on the picture; the table beside it says so. */
function drawn({ score }: CapabilitySummary): number {
  return Math.min(1, Math.max(0, score));
}

function describe(capabilities: readonly CapabilitySummary[]): string {
  return capabilities.map(({ name, score }) => `${brief(name, LONGEST_NAME)} ${score.toFixed(2)}`).join(', ');
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
