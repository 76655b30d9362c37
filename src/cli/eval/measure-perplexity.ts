/** `finery eval MODEL --perplexity FILE`: how well a model predicts text. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Document } from '../../data/readers/document.ts';
import { readDocuments } from '../../data/readers/read-documents.ts';
import { InputError, UsageError } from '../../errors.ts';
import { bitsPerByte as bitsWithInterval, type SourceBits } from '../../eval/bits-per-byte.ts';
import { bitsPerByte, countWords, weightedPerplexity } from '../../eval/metrics/perplexity.ts';
import type { LanguageModel, Outcome, TextScore } from '../../eval/model/language-model.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import type { EvalFlags } from '../commands/eval.ts';
import { formatFields } from '../layout.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { openModelToMeasure, refuseServerFlags } from './open-model-to-measure.ts';

interface MeasuredDocument {
  readonly document: Document;
  readonly outcome: Outcome<TextScore>;
}

type Result = ReturnType<typeof resultOf>;

/** Documents that are scored in one go. */
const portion = 256;
/** Of how text is measured. */
const version = '1';

/** @throws UsageError for options of tasks, InputError for a file that cannot be read, or where no text could be scored */
export async function measurePerplexity(
  name: string,
  file: string,
  flags: EvalFlags,
  terminal: Terminal,
): Promise<void> {
  refuseTaskFlags(flags);
  refuseServerFlags(flags, [name]);
  const folder = flags.out === undefined ? undefined : await folderOf(flags.out);
  const documents: Document[] = [];
  for await (const document of readDocuments(file, { signal: terminal.signal })) {
    if (flags.limit !== undefined && documents.length >= flags.limit) break;
    documents.push(document);
  }
  const model = await openModelToMeasure(name, flags, terminal);
  try {
    const measured = await scoreAll(model, documents, terminal);
    const failures = measured.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.failure.reason]));
    const bits = bitsOf(measured);
    if (bits.bytes === 0) throw nothingScored(file, failures[0]);
    if (failures.length > 0) {
      terminal.warn(`${formatPlural(failures.length, 'document')} without a score: ${failures[0]}`);
    }
    const result = resultOf(measured, bits);
    if (folder !== undefined) await keep(folder, model, measured, result);
    await terminal.print(result, () => asText(model.name, bits, result, terminal));
  } finally {
    await model.close();
  }
}

/** What would have no effect is not passed over. */
function refuseTaskFlags({ chat, numFewshot, system, judge }: EvalFlags): void {
  const given = Object.entries({ chat, 'num-fewshot': numFewshot, system, judge }).find(
    ([, value]) => value !== undefined,
  );
  if (given !== undefined) throw wrongValue(`--${given[0]}`, 'it with --perplexity', 'it with --tasks or --suite');
}

const files = ['results.json', 'documents.jsonl'];

/** @throws UsageError for a folder that holds something else, such as an evaluation on tasks */
async function folderOf(out: string): Promise<string> {
  const folder = resolve(out);
  await mkdir(folder, { recursive: true });
  const other = (await readdir(folder)).find((name) => !files.includes(name) && !name.startsWith('.'));
  if (other === undefined) return folder;
  throw new UsageError({
    field: folder,
    found: `a folder with other things in it (${other})`,
    expected: 'a new or empty folder, or one that was measured into before',
    fix: 'Choose another folder for --out.',
  });
}

async function scoreAll(
  model: LanguageModel,
  documents: readonly Document[],
  terminal: Terminal,
): Promise<readonly MeasuredDocument[]> {
  const measured: MeasuredDocument[] = [];
  const progress = terminal.progressLine();
  let done = 0;
  const onOutcome = () =>
    progress.update({ stage: 'score', step: ++done, total: documents.length, tokens: model.usage().promptTokens });
  try {
    for (let start = 0; start < documents.length; start += portion) {
      const part = documents.slice(start, start + portion);
      const texts = part.map(({ text }) => text);
      const outcomes = await model.scoreTexts(texts, { signal: terminal.signal, onOutcome });
      measured.push(...part.map((document, i) => ({ document, outcome: outcomes[i] })));
    }
    return measured;
  } finally {
    progress.done();
  }
}

/** With the interval over documents. */
function bitsOf(measured: readonly MeasuredDocument[]): SourceBits {
  const scores = measured.flatMap(({ document: { id, source }, outcome }) =>
    outcome.ok ? [{ id, source, nats: outcome.value.nats, bytes: outcome.value.bytes }] : [],
  );
  return bitsWithInterval('all', scores, { confidence: 0.95, seed: 1 });
}

function nothingScored(file: string, failure: string | undefined): InputError {
  return new InputError({
    field: file,
    found: failure ?? 'no text',
    expected: 'at least one document that the model can score',
    fix: failure === undefined ? 'Give a file with text.' : 'Use a model that gives log-probabilities of text.',
  });
}

/** In the form of every evaluation. */
function resultOf(measured: readonly MeasuredDocument[], { low, high }: SourceBits) {
  const per = (weightOf: (score: TextScore, text: string) => number) =>
    measured.map(({ document, outcome }) =>
      outcome.ok ? { sum: -outcome.value.nats, weight: weightOf(outcome.value, document.text) } : null,
    );
  const bytes = per((score) => score.bytes);
  return {
    results: {
      perplexity: {
        bits_per_byte: { ...bitsPerByte(bytes), low, high },
        token_perplexity: weightedPerplexity(per(({ tokens }) => tokens)),
        word_perplexity: weightedPerplexity(per((_, text) => countWords(text))),
        byte_perplexity: weightedPerplexity(bytes),
      },
    },
    versions: { perplexity: version },
  };
}

async function keep(
  folder: string,
  { name, identity }: LanguageModel,
  measured: readonly MeasuredDocument[],
  result: Result,
): Promise<void> {
  const lines = measured.map(({ document: { id, source }, outcome }) => {
    const found = outcome.ok ? outcome.value : { nats: null, reason: outcome.failure.reason };
    return `${JSON.stringify({ id, source, ...found })}\n`;
  });
  const [results, documents] = files.map((file) => join(folder, file));
  await writeFileAtomically(documents, lines.join(''));
  await writeFileAtomically(results, `${JSON.stringify({ model: { name, identity }, ...result }, undefined, 2)}\n`);
}

function asText(name: string, bits: SourceBits, { results: { perplexity } }: Result, { style }: Terminal): string {
  const interval = style.dim(`(95% interval ${bits.low.toFixed(4)} to ${bits.high.toFixed(4)}, over documents)`);
  const [token, word] = [perplexity.token_perplexity, perplexity.word_perplexity].map(({ value }) =>
    (value ?? Number.NaN).toPrecision(5),
  );
  return formatFields(
    [
      ['model', style.bold(name)],
      ['text', `${formatPlural(bits.documents, 'document')}, ${formatCount(bits.bytes)} bytes`],
      ['bits per byte', `${style.bold(bits.value.toFixed(4))} ${interval}`],
      ['perplexity', `${token} per token, ${word} per word`],
    ],
    style,
  );
}
