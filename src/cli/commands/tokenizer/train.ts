/** `finery tokenizer train`: a byte-level BPE tokenizer from documents. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { readDocuments } from '../../../data/readers/read-documents.ts';
import { InputError, UsageError } from '../../../errors.ts';
import { formatBytes, formatCount, formatPlural } from '../../../observe/numbers.ts';
import { tokenizerOf } from '../../../tokenizer/load.ts';
import { saveTokenizer } from '../../../tokenizer/save.ts';
import {
  MIN_VOCAB_SIZE,
  type TrainedTokenizer,
  type TrainProgress,
  trainTokenizer,
} from '../../../tokenizer/train/train.ts';
import { formatFields } from '../../layout.ts';
import { integer } from '../../option-values.ts';
import { addReadingOptions, type ReadingFlags, readingOptions, withFlagNames } from '../../reading-options.ts';
import type { Terminal } from '../../terminal.ts';

interface Options extends ReadingFlags {
  readonly vocabSize: number;
  readonly out: string;
  readonly minFrequency: number;
  readonly digits: '1' | '3';
}

export function configure(command: Command, terminal: Terminal): void {
  addReadingOptions(command)
    .description(
      'Trains a byte-level BPE tokenizer and writes it as Hugging Face files. The result depends on the words of the ' +
        'documents only, not on their order.',
    )
    .argument('<files...>', 'data files, folders or glob patterns: .jsonl, .json, .txt, .csv, .tsv, .parquet')
    .requiredOption(
      '--vocab-size <n>',
      `tokens in all, ${MIN_VOCAB_SIZE} reserved ones and bytes included (required)`,
      integer('--vocab-size', MIN_VOCAB_SIZE, 1 << 20),
    )
    .requiredOption('--out <folder>', 'where to write the tokenizer (required)')
    .option('--min-frequency <n>', 'how often a pair must occur to become a token', integer('--min-frequency', 1), 2)
    .addOption(new Option('--digits <n>', 'digits that a token holds at most').choices(['1', '3']).default('1'))
    .action((files: string[], options: Options) => withFlagNames(() => train(files, options, terminal)));
}

async function train(files: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  const { vocabSize, minFrequency, out } = options;
  const digits = options.digits === '3' ? 3 : 1;
  const { signal } = terminal;
  await refuseExisting(out);
  const documents = readDocuments(files, readingOptions(options, signal));
  const line = terminal.progressLine();
  const onProgress = followProgress(line, terminal);
  let trained: TrainedTokenizer;
  try {
    trained = await trainTokenizer(textsOf(documents), { vocabSize, minFrequency, digits, signal, onProgress });
  } finally {
    line.done();
  }
  if (trained.documents === 0) throw nothingToLearn(files);
  await saveTokenizer(out, trained.files);
  const { skipped, problems } = documents.report;
  if (skipped > 0) terminal.warn(`${formatPlural(skipped, 'broken record')} left out, first ${problems[0].field}`);
  if (trained.vocabSize < vocabSize) {
    terminal.warn(`only ${formatCount(trained.vocabSize)} tokens: no further pair occurs ${minFrequency} times`);
  }
  await report(trained, { out, skipped }, terminal);
}

function nothingToLearn(files: readonly string[]): InputError {
  return new InputError({
    field: files.join(', '),
    found: 'no document that is not empty',
    expected: 'text to learn from',
    fix: 'Check that these are the right files and that --text-field names the field with the text.',
  });
}

async function* textsOf(documents: AsyncIterable<{ readonly text: string }>): AsyncGenerator<string> {
  for await (const { text } of documents) yield text;
}

/** Said before the work. An existing tokenizer may belong to a model: another one would change what the model's ids mean. */
async function refuseExisting(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found && !found.isDirectory()) throw inTheWay(out, 'a file there already', 'a folder, or nothing');
  const path = join(out, 'tokenizer.json');
  const tokenizer = await stat(path).catch(() => undefined);
  if (tokenizer) throw inTheWay(path, 'a tokenizer there already', 'a folder without one');
}

function inTheWay(field: string, found: string, expected: string): UsageError {
  return new UsageError({ field, found, expected, fix: 'Choose another --out, or remove what is there first.' });
}

const secondsBetweenRemarks = 2;

/** Packed files do not tell how much text they hold, so counting has no bar: a remark now and then says how far it is. */
function followProgress(
  line: ReturnType<Terminal['progressLine']>,
  terminal: Terminal,
): (progress: TrainProgress) => void {
  let remarkedAt = performance.now();
  return (progress) => {
    if (progress.phase === 'merge') {
      line.update({ stage: 'merge pairs', step: progress.vocabSize, total: progress.targetVocabSize });
      return;
    }
    if (performance.now() - remarkedAt < secondsBetweenRemarks * 1000) return;
    remarkedAt = performance.now();
    const { documents, bytes, words } = progress;
    const read = `${formatPlural(documents, 'document')}, ${formatBytes(bytes)}`;
    terminal.talk(`counting words: ${read}, ${formatCount(words)} different ones`);
  };
}

async function report(
  trained: TrainedTokenizer,
  { out, skipped }: { readonly out: string; readonly skipped: number },
  terminal: Terminal,
): Promise<void> {
  const { vocabSize, merges, documents, bytes, words } = trained;
  const { hash } = tokenizerOf(trained.files);
  const { style } = terminal;
  await terminal.print({ out, vocabSize, merges, documents, bytes, words, skipped, hash }, () =>
    formatFields(
      [
        ['tokenizer', style.bold(out)],
        ['tokens', `${formatCount(vocabSize)}, ${formatCount(merges)} of them merged`],
        [
          'trained on',
          `${formatPlural(documents, 'document')}, ${formatBytes(bytes)}, ${formatCount(words)} different words`,
        ],
        ['sha256', style.dim(hash)],
      ],
      style,
    ),
  );
}
