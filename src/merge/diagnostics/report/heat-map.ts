/** A figure by layer and kind of module, as a table whose cells are shaded: it can be read, printed and hovered over. */
import { type Markup, markup } from '../../../report/markup.ts';
import type { GroupFigures } from '../figures.ts';
import type { DiffedCell } from '../model-diff.ts';

export interface HeatMap {
  readonly title: string;
  /** Follows the title. */
  readonly unit: string;
  readonly value: (figures: GroupFigures) => number | null;
  /** Least value that is shaded in full, so that small ones do not shout. */
  readonly reach: number;
  /** In the cell, and in full for the hint. */
  readonly short: (value: number) => string;
  readonly long: (figures: GroupFigures) => string;
}

const knownModules = ['q', 'k', 'v', 'o', 'gate', 'up', 'down', 'input norm', 'post norm'];

/** Undefined where no cell has a value. */
export function heatMap(
  { title, unit, value, reach, short, long }: HeatMap,
  cells: readonly DiffedCell[],
): Markup | undefined {
  const valued = cells.filter(({ figures }) => value(figures) !== null);
  if (valued.length === 0) return undefined;
  const modules = [...new Set(valued.map(({ module }) => module))].toSorted((a, b) => rankOf(a) - rankOf(b));
  const layers = [...new Set(valued.map(({ layer }) => layer))];
  const byPlace = new Map(valued.map((cell) => [placeKey(cell.layer, cell.module), cell]));
  const farthest = Math.max(reach, ...valued.map(({ figures }) => Math.abs(value(figures)!)));
  const cellMarkup = (layer: number, module: string): Markup => {
    const cell = byPlace.get(placeKey(layer, module));
    const found = cell ? value(cell.figures) : null;
    if (!cell || found === null) return markup`<td class="none"></td>`;
    // Mixed to three quarters at most: the figure must stay legible on its shade.
    const share = Math.round((75 * Math.abs(found)) / farthest);
    const side = found >= 0 ? 'up' : 'down';
    return markup`<td class="${side}" style="--share:${share}%" title="layer ${layer}, ${module}: ${long(cell.figures)}">${short(found)}</td>`;
  };
  return markup`<table class="heat">
<caption>${title} <span>${unit}</span></caption>
<thead><tr><th class="layer"></th>${modules.map((module) => markup`<th>${module}</th>`)}</tr></thead>
<tbody>
${layers.map((layer) => markup`<tr><th class="layer">${layer}</th>${modules.map((module) => cellMarkup(layer, module))}</tr>\n`)}</tbody>
</table>
`;
}

const placeKey = (layer: number, module: string): string => `${layer} ${module}`;

const rankOf = (module: string): number => {
  const rank = knownModules.indexOf(module);
  return rank < 0 ? knownModules.length : rank;
};
