/**
 * Measures finworld and draws its distributions: `npx tsx scripts/finworld-report.ts [--seed N] [--documents N]`.
 * Prints the Markdown tables of docs/finworld.md, then its sample documents, and writes the plots to docs/finworld/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { concepts } from '../src/finworld/finance/concept-lesson.ts';
import {
  type CorpusStatistics,
  corpusStatistics,
  createEconomy,
  type Document,
  generateFinance,
  generateGeneral,
  violations,
} from '../src/finworld/index.ts';
import { svgHistogram } from '../src/finworld/svg-histogram.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, documents: { type: 'string', default: '10000' } },
});
const seed = Number(values.seed);
const documents = Number(values.documents);
const folder = fileURLToPath(new URL('../docs/finworld/', import.meta.url));
mkdirSync(folder, { recursive: true });

const percent = (value: number) => `${(100 * value).toFixed(1)}%`;
const draw = (
  name: string,
  data: readonly number[],
  title: string,
  low: number,
  high: number,
  label: (value: number) => string,
) => writeFileSync(`${folder}${name}.svg`, svgHistogram(data, { title, low, high, bars: 36, label }));

const economy = createEconomy({ seed });
const histories = economy.companies.map((company) => economy.reports(company));
const reports = histories.flat();
const growth = histories.flatMap((years) => years.slice(1).map((report, i) => report.revenue / years[i].revenue - 1));
draw('growth', growth, 'Revenue growth per year', -0.4, 0.5, percent);
draw(
  'gross-margin',
  reports.map((r) => r.grossProfit / r.revenue),
  'Gross margin',
  0,
  1,
  percent,
);
draw(
  'operating-margin',
  reports.map((r) => r.operatingIncome / r.revenue),
  'Operating margin',
  -0.2,
  0.5,
  percent,
);
draw(
  'leverage',
  reports.map((r) => (r.currentDebt + r.longTermDebt) / r.totalAssets),
  'Debt to total assets',
  0,
  0.9,
  percent,
);

interface Measured {
  readonly statistics: CorpusStatistics;
  readonly perSecond: number;
  readonly vocabulary: ReadonlySet<string>;
}

function measure(name: string, sequence: Iterable<Document>): Measured {
  const started = process.cpuUsage();
  const corpus = [...sequence];
  const { user, system } = process.cpuUsage(started);
  const perSecond = (1e6 * corpus.length) / (user + system);
  const lengths = corpus.map(({ text }) => text.split(/\s+/).length);
  draw(`${name}-length`, lengths, `Words per ${name} document`, 0, 500, (value) => String(Math.round(value)));
  const vocabulary = new Set(corpus.flatMap(({ text }) => text.match(/\b[a-z]+\b/g) ?? []));
  return { statistics: corpusStatistics(corpus), perSecond, vocabulary };
}

const finance = measure('finance', generateFinance({ seed, split: 'train', documents }));
const general = measure('general', generateGeneral({ seed, split: 'train', documents }));
const row = (label: string, value: (measured: Measured) => string) =>
  `| ${label} | ${value(finance)} | ${value(general)} |`;
const count = (value: number) => Math.round(value).toLocaleString('en-US');
const losses = reports.filter((report) => report.netIncome < 0).length / reports.length;
const common = [...finance.vocabulary].filter((word) => general.vocabulary.has(word)).length;

const lines = [
  `Seed ${seed}; ${count(documents)} documents of each training split.`,
  '',
  '| | finance | general |',
  '| --- | ---: | ---: |',
  row('genres', ({ statistics }) => count(Object.keys(statistics.genres).length)),
  row('words', ({ statistics }) => count(statistics.words)),
  row('characters', ({ statistics }) => count(statistics.characters)),
  row(
    'words per document: 5%, median, 95%, longest',
    ({ statistics: { wordsPerDocument: w } }) => `${w.p5}, ${w.median}, ${w.p95}, ${w.max}`,
  ),
  row('vocabulary (words and figures)', ({ statistics }) => count(statistics.vocabulary)),
  row('lower-case words', ({ vocabulary }) => count(vocabulary.size)),
  row('type-token ratio', ({ statistics }) => statistics.typeTokenRatio.toFixed(4)),
  row(
    'distinct 2-grams, 3-grams, 4-grams',
    ({ statistics: { distinct } }) => `${percent(distinct[2])}, ${percent(distinct[3])}, ${percent(distinct[4])}`,
  ),
  row('sentences', ({ statistics }) => count(statistics.sentences)),
  row('distinct sentence skeletons', ({ statistics }) => count(statistics.skeletons)),
  row('documents per second of processor time', ({ perSecond }) => count(perSecond)),
  '',
  `Lower-case words in common: ${count(common)}. Finance concepts explained: ${count(concepts.length)}.`,
  '',
  '| statements | |',
  '| --- | ---: |',
  `| companies, of them held out | ${count(economy.companies.length)}, ${count(economy.bySplit.heldout.length)} |`,
  `| annual reports | ${count(reports.length)} |`,
  `| identities violated | ${histories.flatMap(violations).length} |`,
  `| years with a loss | ${percent(losses)} |`,
  '',
  '| genre | documents |',
  '| --- | ---: |',
  ...[finance, general].flatMap(({ statistics }) =>
    Object.entries(statistics.genres)
      .sort()
      .map(([genre, n]) => `| ${genre} | ${count(n)} |`),
  ),
];
const sampled = [
  ...[...generateFinance({ seed, split: 'train', documents: 54 })].filter((_, i) => [11, 13, 16, 53].includes(i)),
  ...[...generateGeneral({ seed, split: 'train', documents: 15 })].slice(14),
];
const samples = sampled.map(({ id, source, text }) => `\n### ${source} (\`${id}\`)\n\n${text.replace(/^/gm, '> ')}`);
process.stdout.write(`${[...lines, ...samples].join('\n')}\n`);
