/** The tables of the page: task vectors, pairs beside their controls, and both again by module, by layer and by tensor. */
import { formatCount } from '../../../observe/numbers.ts';
import { type Markup, type MarkupValue, markup } from '../../../report/markup.ts';
import type { GroupFigures, PairFigures } from '../figures.ts';
import type { Group, ModelDiff } from '../model-diff.ts';
import { percentage, shortNumber, signedNumber } from './numbers.ts';

function table(header: readonly string[], words: number, rows: readonly Markup[]): Markup {
  const heads = header.map((name, i) => markup`<th${i >= words && markup` class="number"`}>${name}</th>`);
  return markup`<div class="scroll"><table class="numbers">
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
`;
}

const numberCells = (values: readonly MarkupValue[]): readonly Markup[] =>
  values.map((value) => markup`<td class="number">${value}</td>`);

export function vectorTable({ models }: ModelDiff, figures: GroupFigures): Markup {
  const header = [
    '',
    'Model',
    'Length',
    'To base',
    'RMS',
    'Half below',
    '99 % below',
    'Largest',
    'Above 0.005',
    'Unchanged',
    'Lost in bf16',
    'Lost in f16',
    'Stable rank',
    'Leading energy',
  ];
  const rows = models.map(({ letter, name, magnitudes, aboveSmall }, i) => {
    const { norm, relative, rms, largest, zero, lost, stableRank, leadingEnergy } = figures.models[i];
    return markup`<tr><td>${letter}</td><td>${name}</td>${numberCells([
      shortNumber(norm),
      shortNumber(relative),
      shortNumber(rms),
      shortNumber(magnitudes.p50),
      shortNumber(magnitudes.p99),
      shortNumber(largest),
      percentage(aboveSmall),
      percentage(zero),
      percentage(lost.bf16),
      percentage(lost.f16),
      shortNumber(stableRank),
      percentage(leadingEnergy),
    ])}</tr>\n`;
  });
  return table(header, 2, rows);
}

export function pairTable({ pairs }: ModelDiff, figures: GroupFigures): Markup {
  const header = [
    '',
    'Cosine',
    'Independent \u00b1',
    'Random signs \u00b1',
    'Length ratio',
    'Sign conflict',
    'Weighted',
    'Outputs: overlap (random)',
    'Inputs: overlap (random)',
    'Cosine there',
  ];
  const side = (one: PairFigures['left']) => (one ? `${shortNumber(one.overlap)} (${shortNumber(one.random)})` : '');
  const rows = pairs.map(({ a, b, kind }, i) => {
    const found = figures.pairs[i];
    return markup`<tr${kind !== 'models' && markup` class="control"`}><td>${a} and ${b}</td>${numberCells([
      signedNumber(found.cosine),
      shortNumber(found.independentDeviation),
      shortNumber(found.signFlipDeviation),
      shortNumber(found.normRatio),
      percentage(found.signConflict),
      percentage(found.weightedConflict),
      side(found.left),
      side(found.right),
      signedNumber(found.leadingCosine),
    ])}</tr>\n`;
  });
  return table(header, 1, rows);
}

export function topTable({ pairs }: ModelDiff, figures: GroupFigures): Markup {
  const header = [
    '',
    'Largest',
    'In both, of those in either',
    'By chance',
    'Times chance',
    'Elements in both',
    'Signs conflict',
  ];
  const rows = pairs.flatMap(({ a, b, kind }, i) =>
    figures.pairs[i].top.map(
      ({ share, jaccard, chance, lift, common, conflict }, level) =>
        markup`<tr${kind !== 'models' && markup` class="control"`}><td>${level === 0 && `${a} and ${b}`}</td>${numberCells(
          [
            `${100 * share} %`,
            percentage(jaccard),
            percentage(chance),
            shortNumber(lift),
            formatCount(common),
            percentage(conflict),
          ],
        )}</tr>\n`,
    ),
  );
  return table(header, 1, rows);
}

/** One row for each group: distances of all models, then cosine and conflict of all pairs of models. */
export function groupTable({ models, pairs }: ModelDiff, label: string, groups: readonly Group[]): Markup {
  const compared = pairs.flatMap((pair, i) => (pair.kind === 'models' ? [{ pair, i }] : []));
  const header = [
    label,
    'Elements',
    ...models.flatMap(({ letter }) => [`${letter}: to base`, `${letter}: lost in bf16`, `${letter}: stable rank`]),
    ...compared.flatMap(({ pair: { a, b } }) => [`${a}, ${b}: cosine`, 'random signs \u00b1', 'weighted conflict']),
  ];
  const rows = groups.map(
    ({ name, figures }) =>
      markup`<tr><td>${name}</td>${numberCells([
        formatCount(figures.elements),
        ...figures.models.flatMap(({ relative, lost, stableRank }) => [
          shortNumber(relative),
          percentage(lost.bf16),
          shortNumber(stableRank),
        ]),
        ...compared.flatMap(({ i }) => {
          const { cosine, signFlipDeviation, weightedConflict } = figures.pairs[i];
          return [signedNumber(cosine), shortNumber(signFlipDeviation), percentage(weightedConflict)];
        }),
      ])}</tr>\n`,
  );
  return table(header, 1, rows);
}

/** Spectra and principal angles of every matrix. */
export function tensorTable({ models, pairs, tensors }: ModelDiff): Markup {
  const compared = pairs.flatMap((pair, i) => (pair.kind === 'models' ? [{ pair, i }] : []));
  const header = [
    'Tensor',
    'Shape',
    ...models.flatMap(({ letter }) => [`${letter}: leading singular values`, 'effective rank']),
    ...compared.flatMap(({ pair: { a, b } }) => [`${a}, ${b}: least angle of outputs`, 'of inputs']),
  ];
  const rows = tensors
    .filter(({ spectra }) => spectra.some((spectrum) => spectrum !== null))
    .map(
      ({ name, shape, spectra, angles }) =>
        markup`<tr><td>${name}</td><td>${shape.join(' \u00d7 ')}</td>${spectra.flatMap((spectrum) => [
          markup`<td>${spectrum?.values.slice(0, 4).map(shortNumber).join(', ')}</td>`,
          markup`<td>${spectrum && rankText(spectrum.effectiveRank)}</td>`,
        ])}${numberCells(
          compared.flatMap(({ i }) => {
            const found = angles[i];
            return found
              ? [angleText(found.left[0], found.randomLeft), angleText(found.right[0], found.randomRight)]
              : ['', ''];
          }),
        )}</tr>\n`,
    );
  return table(header, 2, rows);
}

const rankText = ([least, most]: readonly [number, number]): string =>
  most - least < 0.01 * most ? shortNumber(most) : `${shortNumber(least)} to ${shortNumber(most)}`;

const degrees = (cosine: number): string => `${((Math.acos(Math.min(1, cosine)) * 180) / Math.PI).toFixed(0)}\u00b0`;

const angleText = (cosine: number, random: number): string => `${degrees(cosine)} (random ${degrees(random)})`;
