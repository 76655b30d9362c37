/** `finery eval MODEL --perplexity FILE`: how well a model predicts text. */
import type { Document } from '../../data/readers/document.ts';
import { readDocuments } from '../../data/readers/read-documents.ts';
import { InputError } from '../../errors.ts';
import { bitsPerByte, type DocumentScore, type SourceBits } from '../../eval/bits-per-byte.ts';
import type { LanguageModel, TextScore } from '../../eval/model/language-model.ts';
import { formatCount, formatPlural } from '../../observe/numbers.ts';
import type { EvalFlags } from '../commands/eval.ts';
import { formatFields } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { openModelToMeasure } from './open-model-to-measure.ts';

interface Totals {
  readonly documents: number;
  readonly failed: number;
  readonly nats: number;
  readonly tokens: number;
  readonly words: number;
  readonly bytes: number;
}

/** Documents that are scored in one go. */
const portion = 256;

/** @throws InputError for a file that cannot be read, or where no document could be scored */
export async function measurePerplexity(
  name: string,
  file: string,
  flags: EvalFlags,
  terminal: Terminal,
): Promise<void> {
  const documents: Document[] = [];
  for await (const document of readDocuments(file, { signal: terminal.signal })) {
    if (flags.limit !== undefined && documents.length >= flags.limit) break;
    documents.push(document);
  }
  const model = await openModelToMeasure(name, flags, terminal);
  try {
    const { scores, totals, firstFailure } = await scoreAll(model, documents, terminal);
    if (scores.length === 0) {
      throw new InputError({
        field: file,
        found: firstFailure ?? 'no document',
        expected: 'at least one document that the model can score',
        fix:
          firstFailure === undefined ? 'Give a file with text.' : 'Use a model that gives log-probabilities of text.',
      });
    }
    if (totals.failed > 0) terminal.warn(`${formatPlural(totals.failed, 'document')} without a score: ${firstFailure}`);
    const bits = bitsPerByte('all', scores, { confidence: 0.95, seed: 1 });
    await terminal.print(asDocument(bits, totals), () => asText(model.name, bits, totals, terminal));
  } finally {
    await model.close();
  }
}

async function scoreAll(model: LanguageModel, documents: readonly Document[], terminal: Terminal) {
  const scores: DocumentScore[] = [];
  const totals = { documents: documents.length, failed: 0, nats: 0, tokens: 0, words: 0, bytes: 0 };
  let firstFailure: string | undefined;
  const progress = terminal.progressLine();
  let done = 0;
  for (let start = 0; start < documents.length; start += portion) {
    const part = documents.slice(start, start + portion);
    const onOutcome = () =>
      progress.update({ stage: 'score', step: ++done, total: documents.length, tokens: model.usage().promptTokens });
    const texts = part.map(({ text }) => text);
    const outcomes = await model.scoreTexts(texts, { signal: terminal.signal, onOutcome });
    for (const [i, outcome] of outcomes.entries()) {
      const { id, source, text } = part[i];
      if (!outcome.ok) {
        totals.failed++;
        firstFailure ??= outcome.failure.reason;
        continue;
      }
      add(totals, outcome.value, text);
      scores.push({ id, source, nats: outcome.value.nats, bytes: outcome.value.bytes });
    }
  }
  progress.done();
  return { scores, totals: totals as Totals, firstFailure };
}

function add(
  totals: { nats: number; tokens: number; words: number; bytes: number },
  { nats, tokens, bytes }: TextScore,
  text: string,
): void {
  totals.nats += nats;
  totals.tokens += tokens;
  totals.bytes += bytes;
  // As lm-evaluation-harness counts words.
  totals.words += text.split(/\s+/).length;
}

function perplexities({ nats, tokens, words, bytes }: Totals) {
  return {
    token_perplexity: Math.exp(nats / tokens),
    word_perplexity: Math.exp(nats / words),
    byte_perplexity: Math.exp(nats / bytes),
  };
}

function asDocument(bits: SourceBits, totals: Totals): object {
  const { value, low, high } = bits;
  return {
    results: {
      perplexity: {
        bits_per_byte: { value, low, high, n: totals.documents - totals.failed, missing: totals.failed },
        ...Object.fromEntries(Object.entries(perplexities(totals)).map(([name, found]) => [name, { value: found }])),
      },
    },
  };
}

function asText(name: string, bits: SourceBits, totals: Totals, { style }: Terminal): string {
  const { token_perplexity: token, word_perplexity: word } = perplexities(totals);
  const interval = style.dim(`(95% interval ${bits.low.toFixed(4)} to ${bits.high.toFixed(4)}, over documents)`);
  return formatFields(
    [
      ['model', style.bold(name)],
      ['text', `${formatPlural(bits.documents, 'document')}, ${formatCount(totals.bytes)} bytes`],
      ['bits per byte', `${style.bold(bits.value.toFixed(4))} ${interval}`],
      ['perplexity', `${token.toPrecision(5)} per token, ${word.toPrecision(5)} per word`],
    ],
    style,
  );
}
