/** Leading singular values by kind of module, as shares of the largest: how fast a task vector runs out of directions. */
import { type Markup, markup } from '../../../report/markup.ts';
import type { DiffedTensor, ModelDiff } from '../model-diff.ts';
import { shortNumber } from './numbers.ts';

const width = 180;
const height = 96;
const margin = { left: 24, right: 6, top: 20, bottom: 18 };

export function spectrumFigures({ tensors, models }: ModelDiff): Markup | undefined {
  const kinds = new Map<string, DiffedTensor[]>();
  for (const tensor of tensors) {
    if (tensor.spectra.every((spectrum) => spectrum === null)) continue;
    const kind = kinds.get(tensor.module) ?? [];
    kinds.set(tensor.module, kind);
    kind.push(tensor);
  }
  if (kinds.size === 0) return undefined;
  return markup`<p class="note">${models.map(({ letter }, i) => markup`<span class="key"><svg viewBox="0 0 20 8" aria-hidden="true"><path class="line${i % 6}" d="M0 4H20"/></svg>${letter}</span>`)}</p>
<div class="spectra">
${[...kinds].map(([kind, list]) => spectrumFigure(kind, list, models.length))}</div>
`;
}

function spectrumFigure(kind: string, tensors: readonly DiffedTensor[], models: number): Markup {
  const curves = Array.from({ length: models }, (_, model) => meanCurve(tensors, model));
  const count = Math.max(2, ...curves.map((curve) => curve.length));
  const x = (i: number) => margin.left + (i / (count - 1)) * (width - margin.left - margin.right);
  const y = (share: number) => margin.top + (1 - share) * (height - margin.top - margin.bottom);
  const point = (share: number, i: number) => `${x(i).toFixed(1)} ${y(share).toFixed(1)}`;
  return markup`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Leading singular values of ${kind}">
<text class="name" x="${margin.left}" y="12">${kind}</text>
<path class="grid" d="M${margin.left} ${y(1)}H${width - margin.right}M${margin.left} ${y(0.5)}H${width - margin.right}"/>
<path class="axis" d="M${margin.left} ${y(0)}H${width - margin.right}"/>
<text x="${margin.left - 4}" y="${y(1) + 4}" text-anchor="end">1</text><text x="${margin.left - 4}" y="${y(0) + 4}" text-anchor="end">0</text>
<text x="${x(0)}" y="${height - 4}">1st</text><text x="${x(count - 1)}" y="${height - 4}" text-anchor="end">${count}th</text>
${curves.map((curve, model) => curve.length > 0 && markup`<path class="line${model % 6}" d="M${curve.map(point).join('L')}"><title>${curve.map(shortNumber).join(', ')}</title></path>\n`)}</svg></figure>
`;
}

/** Mean over tensors of s_i / s_1, as far as all of them have an i-th value. */
function meanCurve(tensors: readonly DiffedTensor[], model: number): readonly number[] {
  const spectra = tensors.flatMap(({ spectra: own }) => (own[model]?.values.length ? [own[model].values] : []));
  const length = Math.min(...spectra.map((values) => values.length));
  if (!Number.isFinite(length)) return [];
  return Array.from(
    { length },
    (_, i) => spectra.reduce((sum, values) => sum + values[i] / values[0], 0) / spectra.length,
  );
}
