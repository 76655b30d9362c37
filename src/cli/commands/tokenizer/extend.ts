/** `finery tokenizer extend`: tokens of a domain for a model and its tokenizer. */
import type { Command } from 'commander';
import { readDocuments } from '../../../data/readers/read-documents.ts';
import { formatCount, formatPlural } from '../../../observe/numbers.ts';
import { type ExtendModelOptions, extendModel, newRowKinds } from '../../../vocabulary/extend-model.ts';
import { formatFields } from '../../layout.ts';
import { folderArgument, modelFolder } from '../../model-folder.ts';
import { integer, wrongValue } from '../../option-values.ts';
import { addReadingOptions, type ReadingFlags, readingOptions, withFlagNames } from '../../reading-options.ts';
import { printable } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

interface Options extends ReadingFlags {
  readonly tokens: number;
  readonly out: string;
  readonly minFrequency: number;
  readonly rows: NonNullable<ExtendModelOptions['rows']>;
  readonly padTo?: number;
  readonly seed: number;
}

const details = `
The tokens that a model has keep their ids and rows. A new one is a pair of tokens that the documents
hold often, and begins as the mean of the rows of its pieces. Train the model on such documents
afterwards: until then it knows the new tokens, and hardly ever writes them.

  finery tokenizer extend model news.jsonl --tokens 2000 --out longer`;

function rowKind(word: string): Options['rows'] {
  const kind = newRowKinds.find((name) => name === word);
  if (kind) return kind;
  throw wrongValue('--rows', JSON.stringify(word), newRowKinds.join(', '));
}

export function configure(command: Command, terminal: Terminal): void {
  addReadingOptions(command)
    .description('Adds tokens of a domain to a model with a byte-level BPE tokenizer, and writes it as a new folder.')
    .argument('<model>', folderArgument)
    .argument('<files...>', 'data files, folders or glob patterns: .jsonl, .json, .txt, .csv, .tsv, .parquet')
    .requiredOption('--tokens <n>', 'new tokens at most (required)', integer('--tokens', 1, 1 << 20))
    .requiredOption('--out <folder>', 'the folder to make (required)')
    .option('--min-frequency <n>', 'how often a pair must occur to become a token', integer('--min-frequency', 1), 10)
    .option('--rows <kind>', `what new rows begin as: ${newRowKinds.join(', ')}`, rowKind, 'pieces')
    .option('--pad-to <n>', 'make the rows of the tables a multiple of this', integer('--pad-to', 1, 1 << 16))
    .option('--seed <n>', 'of random rows', integer('--seed', 0, 2 ** 32 - 1), 0)
    .addHelpText('after', details)
    .action((model: string, files: string[], options: Options) =>
      withFlagNames(() => extend(model, files, options, terminal)),
    );
}

async function extend(model: string, files: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  const { tokens, out, minFrequency, rows: kind, padTo, seed } = options;
  const { signal, style } = terminal;
  const folder = await modelFolder(model, terminal);
  const documents = readDocuments(files, readingOptions(options, signal));
  const {
    added,
    rows,
    documents: read,
    warnings,
  } = await extendModel(folder, textsOf(documents), out, {
    tokens,
    minFrequency,
    rows: kind,
    padToMultipleOf: padTo,
    seed,
    signal,
  });
  for (const warning of warnings) terminal.warn(printable(warning));
  const { skipped, problems } = documents.report;
  if (skipped > 0) terminal.warn(`${formatPlural(skipped, 'broken record')} left out, first ${problems[0].field}`);
  if (added.length < tokens) {
    terminal.warn(`only ${formatCount(added.length)} tokens: no further pair occurs ${minFrequency} times`);
  }
  const examples = added.toSorted((a, b) => b.pieces.length * b.count - a.pieces.length * a.count).slice(0, 8);
  await terminal.print({ out, tokens: added.length, rows, documents: read, skipped }, () =>
    formatFields(
      [
        ['model', style.bold(printable(out))],
        ['new tokens', formatCount(added.length)],
        ['such as', examples.map(({ token }) => printable(token)).join('  ') || undefined],
        ['rows', formatCount(rows)],
        ['learnt from', formatPlural(read, 'document')],
      ],
      style,
    ),
  );
}

async function* textsOf(documents: AsyncIterable<{ readonly text: string }>): AsyncGenerator<string> {
  for await (const { text } of documents) yield text;
}
