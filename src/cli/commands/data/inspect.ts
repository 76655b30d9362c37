/** `finery data inspect`: how much text there is, how long it is, how well it packs, and what of it is learnt. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  type CorpusInspection,
  inspectCorpus,
  inspectPacking,
  lengthHistogram,
  type PackingInspection,
} from '../../../data/inspect.ts';
import type { PackedBatch } from '../../../data/packed-batch.ts';
import { readDocuments } from '../../../data/readers/read-documents.ts';
import { renderHistogram, renderRow } from '../../../data/render.ts';
import { BatchStream } from '../../../data/stream.ts';
import { tokenizeDocuments } from '../../../data/tokenize.ts';
import type { TokenizedCorpus } from '../../../data/tokenized-corpus.ts';
import type { Problem } from '../../../errors.ts';
import { formatBytes, formatCount, formatPlural, formatShare } from '../../../observe/numbers.ts';
import { loadTokenizer } from '../../../tokenizer/load.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';
import { formatFields, formatTable } from '../../layout.ts';
import { integer } from '../../option-values.ts';
import { addReadingOptions, type ReadingFlags, readingOptions, withFlagNames } from '../../reading-options.ts';
import { printable, type Style } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

interface Options extends ReadingFlags {
  readonly tokenizer?: string;
  readonly length: number;
  readonly rows: number;
  readonly show: number;
  readonly seed: number;
}

interface SourceTotals {
  readonly source: string;
  documents: number;
  bytes: number;
  tokens?: number;
}

/** What was found; lengths are in tokens with a tokenizer, else in bytes. */
interface Inspection extends Pick<CorpusInspection, 'documents' | 'bytes' | 'lengths'> {
  readonly sources: readonly SourceTotals[];
  readonly lengthUnit: 'tokens' | 'bytes';
  readonly tokens?: number;
  readonly bytesPerToken?: number;
  readonly packing?: PackingInspection & { readonly rows: number; readonly length: number };
  /** Records left out for being broken, and documents without text. */
  readonly skipped: { readonly records: number; readonly empty: number; readonly problems: readonly Problem[] };
}

export function configure(command: Command, terminal: Terminal): void {
  addReadingOptions(command)
    .description(
      'Counts documents and shows how long they are. With a tokenizer it also packs them as training does, measures how ' +
        'full the rows are, and shows some rows: green is learnt, dim is context only.',
    )
    .argument('<files...>', 'data files, folders or glob patterns: .jsonl, .json, .txt, .csv, .tsv, .parquet')
    .option('--tokenizer <tokenizer>', 'folder with a tokenizer.json, or the file itself')
    .option('--length <n>', 'tokens of a row', integer('--length', 2, 1 << 20), 256)
    .option('--rows <n>', 'rows of a batch', integer('--rows', 1, 65_536), 8)
    .option('--show <n>', 'rows to show', integer('--show', 0, 1000), 1)
    .option('--seed <n>', 'order of the shown rows', integer('--seed', 0, 2 ** 32 - 1), 0)
    .action((files: string[], options: Options) => withFlagNames(() => inspect(files, options, terminal)));
}

async function inspect(files: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  if (options.tokenizer === undefined) {
    const inspection = await inspectTexts(files, options, terminal);
    return terminal.print(inspection, () => describe(inspection, [], terminal.style));
  }
  const tokenizer = await loadTokenizer(options.tokenizer);
  const corpus = await tokenize(files, tokenizer, options, terminal);
  const { packing, shown } = pack(corpus, tokenizer, options);
  const inspection: Inspection = {
    ...inspectCorpus(corpus),
    lengthUnit: 'tokens',
    packing,
    skipped: corpus.skipped,
  };
  const { color } = terminal.style;
  const decode = (ids: number[]): string => tokenizer.decode(ids);
  await terminal.print(inspection, () => {
    const rows = shown.map(({ batch, row }) => renderRow(batch, row, { decode, color }));
    return describe(inspection, rows, terminal.style);
  });
}

/** Without a tokenizer: documents and their bytes, one document in memory at a time. */
async function inspectTexts(files: readonly string[], options: Options, terminal: Terminal): Promise<Inspection> {
  const reading = readDocuments(files, readingOptions(options, terminal.signal));
  const lengths: number[] = [];
  const sources = new Map<string, SourceTotals>();
  let bytes = 0;
  for await (const { text, source } of reading) {
    const length = Buffer.byteLength(text);
    const totals = sources.get(source) ?? { source, documents: 0, bytes: 0 };
    sources.set(source, totals);
    totals.documents += 1;
    totals.bytes += length;
    bytes += length;
    lengths.push(length);
  }
  const { skipped, empty, problems } = reading.report;
  return {
    documents: lengths.length,
    bytes,
    lengths: lengthHistogram(lengths),
    lengthUnit: 'bytes',
    sources: [...sources.values()],
    skipped: { records: skipped, empty, problems },
  };
}

/** Tokenises by way of a cache folder that does not outlive the command. */
async function tokenize(
  files: readonly string[],
  tokenizer: Tokenizer,
  options: Options,
  terminal: Terminal,
): Promise<TokenizedCorpus> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'finery-inspect-'));
  const line = terminal.progressLine();
  try {
    return await tokenizeDocuments(
      files,
      {
        hash: tokenizer.hash,
        vocabSize: tokenizer.vocabSize,
        encode: (text) => tokenizer.encode(text, { addSpecialTokens: false }),
      },
      {
        ...readingOptions(options, terminal.signal),
        cacheDir,
        onProgress: ({ bytes, totalBytes }) =>
          line.update({ stage: 'tokenize (bytes)', step: bytes, total: totalBytes }),
      },
    );
  } finally {
    line.done();
    await rm(cacheDir, { recursive: true, force: true });
  }
}

interface ShownRow {
  readonly batch: PackedBatch;
  readonly row: number;
}

/** One pass over the corpus in the batches of a training run, and the first rows of it. */
function pack(corpus: TokenizedCorpus, tokenizer: Tokenizer, { rows, length, seed, show }: Options) {
  const stream = new BatchStream([{ name: 'corpus', store: corpus, maxEpochs: 1 }], {
    rows,
    length,
    seed,
    endId: tokenizer.eosId,
    padId: tokenizer.padId,
  });
  const shown: ShownRow[] = [];
  function* batches(): Generator<PackedBatch> {
    for (let batch = stream.next(); batch; batch = stream.next()) {
      for (let row = 0; row < rows && shown.length < show; row++) {
        if (batch.segments[row * length] !== 0) shown.push({ batch, row });
      }
      yield batch;
    }
  }
  return { packing: { ...inspectPacking(batches()), rows, length }, shown };
}

function describe(inspection: Inspection, rows: readonly string[], style: Style): string {
  const { documents, bytes, tokens, bytesPerToken, lengths, lengthUnit, packing, skipped } = inspection;
  const summary = formatFields(
    [
      ['documents', style.bold(formatCount(documents))],
      ['text', formatBytes(bytes)],
      ['tokens', tokens === undefined ? undefined : `${formatCount(tokens)}, ${bytesPerToken?.toFixed(3)} bytes each`],
      ['empty', skipped.empty > 0 ? formatCount(skipped.empty) : undefined],
      ['broken', skipped.records > 0 ? style.yellow(`${formatCount(skipped.records)} left out`) : undefined],
    ],
    style,
  );
  return [
    summary,
    ...(skipped.problems.length > 0 ? [describeProblems(skipped.problems, style)] : []),
    ...(inspection.sources.length > 1 ? [describeSources(inspection, style)] : []),
    `${style.bold(`documents by length in ${lengthUnit}`)}\n${renderHistogram(lengths)}`,
    ...(packing ? [describePacking(packing, style)] : []),
    ...rows,
  ].join('\n\n');
}

function describeProblems(problems: readonly Problem[], style: Style): string {
  const lines = problems.map(({ field, found }) => `${printable(field)}: ${printable(found)}`);
  return `${style.bold('left out')}\n${lines.join('\n')}`;
}

/** More files than this are a folder's matter, and their totals stand above. */
const shownSources = 20;

function describeSources({ sources, tokens }: Inspection, style: Style): string {
  const rows = sources
    .slice(0, shownSources)
    .map((source) => [
      formatCount(source.documents),
      formatBytes(source.bytes),
      ...(source.tokens === undefined ? [] : [formatCount(source.tokens)]),
      printable(source.source),
    ]);
  const head = ['documents', 'text', ...(tokens === undefined ? [] : ['tokens']), 'file'].map(style.dim);
  const more = sources.length - shownSources;
  const rest = more > 0 ? `\n${style.dim(`and ${formatPlural(more, 'file')} more`)}` : '';
  return formatTable([head, ...rows], { right: tokens === undefined ? [0, 1] : [0, 1, 2] }) + rest;
}

function describePacking(packing: NonNullable<Inspection['packing']>, style: Style): string {
  const { batches, rows, length, fill, trainedShare, labels, examples, examplesPerBatch, untrainedExamples } = packing;
  return formatFields(
    [
      ['packed into', `${formatPlural(batches, 'batch', 'batches')} of ${rows} x ${length} tokens`],
      ['full', formatShare(fill)],
      ['learnt', `${formatCount(labels)} tokens, ${formatShare(trainedShare)}`],
      ['examples', `${formatCount(examples)}, ${examplesPerBatch.toFixed(1)} a batch`],
      ['not learnt', untrainedExamples > 0 ? style.yellow(formatPlural(untrainedExamples, 'example')) : undefined],
    ],
    style,
  );
}
