/** The page of a comparison: one HTML file that needs nothing else, neither network nor scripts. */
import { formatCount, formatPlural } from '../../../observe/numbers.ts';
import { type Markup, type MarkupValue, markup } from '../../../report/markup.ts';
import { renderPage } from '../../../report/page.ts';
import type { GroupFigures } from '../figures.ts';
import type { ModelDiff } from '../model-diff.ts';
import type { Criterion, Recommendation } from '../recommendation.ts';
import { headlineOf } from './headline.ts';
import { type HeatMap, heatMap } from './heat-map.ts';
import { percentage, shortNumber, signedNumber } from './numbers.ts';
import { spectrumFigures } from './spectrum-figure.ts';
import { diffStyles } from './style.ts';
import { groupTable, pairTable, tensorTable, topTable, vectorTable } from './tables.ts';

/** A whole HTML document. Names in it may come from strangers. */
export function renderDiffReport(diff: ModelDiff): string {
  const { base, models, recommendations, total, matrices } = diff;
  const letters = models.map(({ letter }) => letter);
  return renderPage({
    title: `${letters.join(', ')} - Finery diff`,
    styles: diffStyles,
    body: markup`<header>
<p class="kicker">Finery diff</p>
<h1>What ${letters.length > 1 ? `${letters.slice(0, -1).join(', ')} and ${letters.at(-1)}` : letters[0]} changed</h1>
<p class="verdict">${verdict(recommendations)}</p>
<dl class="facts">${[['Base', base], ...models.map(({ letter, name }) => [letter, name])].map(([key, value]) => fact(key, value))}${fact('Compared', `${formatPlural(total.tensors, 'tensor')}, ${formatCount(total.elements)} elements`)}${fact('Leading directions', diff.settings.rank)}${fact('Seed', diff.settings.seed)}</dl>
</header>
<main>
${findings(diff)}${recommendations.map(criteria)}${overview(diff, matrices ?? total)}${maps(diff)}${spectra(diff)}${details(diff)}</main>
<footer>Task vectors are computed in float32 from the stored weights, all sums in float64; cosines and shares of groups come from summed products and counts, never from averages of cosines.</footer>
`,
  });
}

const fact = (name: string, value: MarkupValue): Markup => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function verdict(recommendations: readonly Recommendation[]): Markup {
  if (recommendations.length === 0)
    return markup`One model: what it changed, and how much of that half precision keeps.`;
  return markup`${recommendations.map(({ a, b, verdict: what }) => markup`${a} and ${b}: <strong>${headlineOf(what)}</strong>. `)}`;
}

function findings({ findings: list }: ModelDiff): Markup {
  if (list.length === 0) return markup``;
  return markup`<section>
<h2>First of all</h2>
<ul class="warnings">
${list.map(({ severity, model, field, found, expected, fix }) => markup`<li class="${severity}"><strong>${model}, ${field}:</strong> found ${found}, expected ${expected}. <span class="fix">${fix}</span></li>\n`)}</ul>
</section>
`;
}

function criteria({ a, b, verdict: what, reason, criteria: list, advice }: Recommendation): Markup {
  const tone: Readonly<Record<Criterion['says'], string>> = { for: 'better', against: 'worse', open: 'unclear' };
  return markup`<section>
<h2>${a} and ${b}: ${headlineOf(what)}</h2>
<p class="note">${reason}. Limits are rules of thumb unless a source is named; weights alone do not decide: measure the merged model.</p>
<table class="criteria">
<thead><tr><th>Criterion</th><th>Measured</th><th>If independent</th><th>Limit</th><th>Source</th><th>Says</th></tr></thead>
<tbody>
${list.map(({ name, measured, independent, limit, source, says }) => markup`<tr><td>${name}</td><td>${measured}</td><td class="limit" data-label="if independent: ">${independent}</td><td class="limit" data-label="limit: ">${limit}</td><td class="limit" data-label="source: ">${source}</td><td class="says ${tone[says]}" data-label="says: ">${says}</td></tr>\n`)}</tbody>
</table>
<ul class="advice">${advice.map((line) => markup`<li>${line}</li>`)}</ul>
</section>
`;
}

function overview(diff: ModelDiff, figures: GroupFigures): Markup {
  const scope = diff.matrices ? 'Matrices inside layers' : 'All tensors';
  const pairs = markup`<h3>Pairs</h3>
<p class="note">Grey rows are controls: A with noise, where nothing should be found, and A with itself plus noise of its own length, where the cosine should be ${shortNumber(1 / Math.sqrt(1 + diff.settings.noise ** 2))}. Random signs: how far the cosine strays when the sign of every row is drawn anew, which keeps what is correlated within rows.</p>
${pairTable(diff, figures)}
<h3>Largest changes</h3>
${topTable(diff, figures)}`;
  return markup`<section class="long">
<h2>Task vectors</h2>
<p class="note">${scope}, ${formatCount(figures.elements)} elements; quantiles of magnitudes over all tensors. Lost: changes that vanish when base and model are rounded.</p>
${vectorTable(diff, figures)}
${diff.pairs.length > 0 && pairs}</section>
`;
}

function maps({ cells, models, pairs }: ModelDiff): Markup {
  const all: readonly HeatMap[] = [
    ...models.flatMap(({ letter }, i): readonly HeatMap[] => [
      {
        title: `${letter}: distance from the base`,
        unit: 'length of the change by that of the base, %',
        value: ({ models: figures }) => figures[i].relative,
        reach: Number.MIN_VALUE,
        short: (value) => oneDecimal(100 * value),
        long: ({ models: figures }) => percentage(figures[i].relative),
      },
      {
        title: `${letter}: stable rank`,
        unit: '1 for a single direction',
        value: ({ models: figures }) => figures[i].stableRank,
        reach: Number.MIN_VALUE,
        short: oneDecimal,
        long: ({ models: figures }) => shortNumber(figures[i].stableRank),
      },
      {
        title: `${letter}: lost in bf16`,
        unit: '% of the elements that changed',
        value: ({ models: figures }) => figures[i].lost.bf16,
        reach: Number.MIN_VALUE,
        short: (value) => oneDecimal(100 * value),
        long: ({ models: figures }) => percentage(figures[i].lost.bf16),
      },
    ]),
    ...pairs.flatMap(({ a, b, kind }, i) => (kind === 'models' ? pairMaps(`${a} and ${b}`, i) : [])),
  ];
  const drawn = all.flatMap((one) => heatMap(one, cells) ?? []);
  if (drawn.length === 0) return markup``;
  return markup`<section class="long">
<h2>By layer and module</h2>
<p class="note">Blue is above 0, orange below; the strongest shade is the farthest cell of each map, or 0.1 where all are nearer. Hover for the figure in full.</p>
<div class="maps">
${drawn}</div>
</section>
`;
}

/** All from -1 to 1, with 0 for what is independent. */
function pairMaps(names: string, i: number): readonly HeatMap[] {
  const sides = [
    ['left', 'outputs'],
    ['right', 'inputs'],
  ] as const;
  return [
    {
      title: `${names}: cosine`,
      unit: '0 if independent',
      value: ({ pairs }) => pairs[i].cosine,
      reach: 0.1,
      short: twoDecimals,
      long: ({ pairs }) => `${signedNumber(pairs[i].cosine)} \u00b1 ${shortNumber(pairs[i].signFlipDeviation)}`,
    },
    {
      title: `${names}: signs`,
      unit: 'weighted agreement less conflict',
      value: ({ pairs: { [i]: pair } }) => (pair.weightedConflict === null ? null : 1 - 2 * pair.weightedConflict),
      reach: 0.1,
      short: twoDecimals,
      long: ({ pairs }) => `conflict ${percentage(pairs[i].weightedConflict)}, 50 % if independent`,
    },
    ...sides.map(
      ([side, what]): HeatMap => ({
        title: `${names}: shared ${what}`,
        unit: 'leading directions: 0 as at random, 1 the same',
        value: ({
          pairs: {
            [i]: { [side]: found },
          },
        }) => (found && found.random < 1 ? (found.overlap - found.random) / (1 - found.random) : null),
        reach: 0.1,
        short: twoDecimals,
        long: ({ pairs }) =>
          `overlap ${shortNumber(pairs[i][side]!.overlap)}, at random ${shortNumber(pairs[i][side]!.random)}`,
      }),
    ),
  ];
}

const oneDecimal = (value: number): string => (value < 9.95 ? value.toFixed(1) : value.toFixed(0));

/** `.12`, `\u2212.03`, `.00`, `1.0` */
function twoDecimals(value: number): string {
  const text = Math.abs(value) > 0.995 ? value.toFixed(1) : value.toFixed(2).replace(/^(-?)0\./, '$1.');
  return text === '-.00' ? '.00' : text.replace('-', '\u2212');
}

function spectra(diff: ModelDiff): Markup {
  const drawn = spectrumFigures(diff);
  if (!drawn) return markup``;
  return markup`<section>
<h2>Spectra</h2>
<p class="note">Leading singular values of the changes as shares of the largest, averaged over the layers. A curve that falls at once is an update of low rank.</p>
${drawn}</section>
`;
}

function details(diff: ModelDiff): Markup {
  const layers = diff.layers.map(({ name, figures }) => ({
    name: /^\d+$/.test(name) ? `layer ${name}` : name,
    figures,
  }));
  return markup`<section class="long">
<h2>By module</h2>
${groupTable(diff, 'Module', diff.modules)}
<h2>By layer</h2>
${groupTable(diff, 'Layer', layers)}
<details><summary>Spectra and principal angles of every matrix</summary>
<p class="note">Values of larger matrices come from a few passes of a randomised iteration: effective ranks are then bounds. Angles are those between the nearest leading directions, beside the one that random subspaces of the same dimensions approach.</p>
${tensorTable(diff)}</details>
</section>
`;
}
