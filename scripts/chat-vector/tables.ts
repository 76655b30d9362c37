/** Tables of docs/chat-vector.md. Values are means over seeds with their standard errors; intervals are 95%, over documents. */
import { relativeChange } from '../../src/eval/bits-per-byte.ts';
import { compareColumn } from '../../src/eval/compare/compare-column.ts';
import { formatMean, mean } from '../../src/reproduce/statistics.ts';
import {
  bitsOf,
  type Half,
  MERGES,
  type MeasuredSeed,
  MODELS,
  type ModelName,
  pairsOf,
  REPLY_METRICS,
  type ReplyMetric,
  replyBits,
  replyShare,
  textBits,
} from './measured-seed.ts';

type Seeds = readonly MeasuredSeed[];

const METRICS = Object.keys(REPLY_METRICS) as ReplyMetric[];
const TEXTS = ['finance_text', 'general_text'] as const;
const TEXT_TITLES = ['finance text', 'general text'];
const CONFIDENCE = 0.95;
const COMPARED = ['base', 'cpt', 'sft', 'tuned', 'ceiling'] as const satisfies readonly ModelName[];

/** Bits per byte of the right replies decide: they count the form and what is said in it. */
export function scanTable(seeds: Seeds): { readonly table: string; readonly chosen: ModelName } {
  const half = 'development';
  const bits = (name: ModelName) => mean(seeds.map((seed) => bitsOf(replyBits([seed], name, half))));
  const chosen = [...MERGES].sort((a, b) => bits(a) - bits(b))[0];
  const rows = MERGES.map((name) => [name, ...replyCells(seeds, name, half)]);
  return { table: markdown([`${half} half`, ...METRICS, 'right replies'], rows), chosen };
}

export function modelsTable(seeds: Seeds): string {
  const rows = MODELS.map((name) => [
    name,
    ...replyCells(seeds, name, 'report'),
    ...TEXTS.map((set) =>
      formatMean(
        seeds.map((seed) => bitsOf(textBits([seed], name, set))),
        3,
      ),
    ),
  ]);
  return markdown(['report half', ...METRICS, 'right replies', ...TEXT_TITLES], rows);
}

const replyCells = (seeds: Seeds, name: ModelName, half: Half): readonly string[] => [
  ...METRICS.map((metric) =>
    formatMean(
      seeds.map((seed) => replyShare(seed, name, metric, half)),
      3,
    ),
  ),
  formatMean(
    seeds.map((seed) => bitsOf(replyBits([seed], name, half))),
    3,
  ),
];

/** How much is in either half. */
export function halvesTable(seeds: Seeds): string {
  const rows = (['development', 'report'] as const).map((half) => {
    const items = pairsOf([seeds[0]], { a: 'base', b: 'base', metric: 'in form', half });
    return [half, String(items.length), String(new Set(items.map(({ cluster }) => cluster)).size)];
  });
  return markdown(['half', 'questions', 'documents'], rows);
}

/** The chosen merge less each of the others: points of replies, percent of bits. */
export function differencesTable(seeds: Seeds, chosen: ModelName): string {
  const options = { seed: 1, confidence: CONFIDENCE };
  const share = (a: ModelName, metric: ReplyMetric) => {
    const pairs = pairsOf(seeds, { a, b: chosen, metric, half: 'report' });
    const settings = { ...options, aggregation: 'mean', labels: undefined, label: `${a} ${metric}` };
    const { difference, interval } = compareColumn(pairs, settings);
    return withRange({ value: difference!, ...(interval ?? { low: NaN, high: NaN }) }, signedShare);
  };
  const rows = COMPARED.map((a) => [
    `against ${a}`,
    ...METRICS.map((metric) => share(a, metric)),
    withRange(relativeChange(replyBits(seeds, a, 'report'), replyBits(seeds, chosen, 'report'), options), percent),
    ...TEXTS.map((set) =>
      withRange(relativeChange(textBits(seeds, a, set), textBits(seeds, chosen, set), options), percent),
    ),
  ]);
  return markdown([chosen, ...METRICS, 'right replies', ...TEXT_TITLES], rows);
}

/** The chosen merge beside its parents, seed by seed. */
export function seedsTable(seeds: Seeds, chosen: ModelName): string {
  const rows = seeds.flatMap((seed) =>
    (['cpt', 'sft', chosen] as const).map((name) => [
      String(seed.seed),
      name,
      ...METRICS.map((metric) => replyShare(seed, name, metric, 'report').toFixed(3)),
      bitsOf(replyBits([seed], name, 'report')).toFixed(3),
      ...TEXTS.map((set) => bitsOf(textBits([seed], name, set)).toFixed(3)),
    ]),
  );
  return markdown(['seed', 'model', ...METRICS, 'right replies', ...TEXT_TITLES], rows);
}

/** What `finery diff BASE CPT SFT` says of the matrices inside layers. */
export function vectorsTable(seeds: Seeds): string {
  const rows = seeds.map(({ seed, diff: { matrices, pairs, recommendations } }) => {
    const place = pairs.findIndex(({ kind }) => kind === 'models');
    const { models } = matrices!;
    const { cosine, signFlipDeviation, signConflict } = matrices!.pairs[place];
    return [
      String(seed),
      ...models.slice(0, 2).map(({ relative }) => relative!.toFixed(3)),
      cosine!.toFixed(4),
      signFlipDeviation!.toFixed(4),
      `${(100 * signConflict!).toFixed(1)}%`,
      recommendations[0].verdict,
    ];
  });
  const titles = ['seed', 'cpt / base', 'sft / base', 'cosine', 'of random signs', 'sign conflict', 'advice'];
  return markdown(titles, rows);
}

interface Range {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const withRange = ({ value, low, high }: Range, format: (value: number) => string): string =>
  `${format(value)} (${format(low)} to ${format(high)})`;
const sign = (value: number) => (value < 0 ? '−' : '+');
const signedShare = (value: number) => `${sign(value)}${Math.abs(value).toFixed(3)}`;
const percent = (value: number) => `${sign(value)}${Math.abs(100 * value).toFixed(1)}%`;

function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = titles.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
}
