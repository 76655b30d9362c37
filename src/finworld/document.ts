/** Documents of a world, each a function of (world, split, index), and lazy sequences of them. */
import { UsageError } from '../errors.ts';
import type { Split } from './split.ts';

export interface Document {
  /** "finance/train/42": world, split, index. */
  readonly id: string;
  readonly text: string;
  /** The genre. */
  readonly source: string;
  /** The company it is about: finance documents, except those on the economy as a whole. */
  readonly company?: string;
  /** The place it is about: general documents. */
  readonly place?: string;
  readonly split: Split;
}

export interface SequenceOptions {
  /** A non-negative integer; another seed is another world. */
  readonly seed: number;
  readonly split: Split;
  /** Stop after so many documents. */
  readonly documents?: number;
  /** Stop once the documents hold about so many tokens, at four characters each. */
  readonly tokens?: number;
  /** Kinds of documents to write; all of them unless told. */
  readonly genres?: readonly string[];
  /** Index of the first document; 0 unless told. */
  readonly from?: number;
}

const charactersPerToken = 4;

/** Throws a `UsageError` unless exactly one of `documents` and `tokens` is given, as a positive integer. */
export function checkSequence({ split, documents, tokens, from = 0 }: SequenceOptions): void {
  const fail = (field: string, found: string, expected: string, fix: string): never => {
    throw new UsageError({ field, found, expected, fix });
  };
  if (split !== 'train' && split !== 'heldout')
    fail('split', JSON.stringify(split), '"train" or "heldout"', 'Name one of them.');
  if ((documents === undefined) === (tokens === undefined)) {
    fail(
      'documents',
      documents === undefined ? 'neither' : 'both',
      'either `documents` or `tokens`',
      'Give one of the two.',
    );
  }
  for (const [field, value] of Object.entries({ documents, tokens })) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      fail(field, String(value), 'a positive integer', 'Say how much to write.');
    }
  }
  if (!Number.isSafeInteger(from) || from < 0) fail('from', String(from), 'a non-negative integer', 'Start at 0.');
}

/** Yields documents from index `from` on until the number of documents or the estimate of tokens is reached. */
export function* sequence(options: SequenceOptions, make: (index: number) => Document): Generator<Document> {
  const { documents = Number.POSITIVE_INFINITY, tokens = Number.POSITIVE_INFINITY, from = 0 } = options;
  let characters = 0;
  for (let made = 0; made < documents && characters < tokens * charactersPerToken; made++) {
    const document = make(from + made);
    characters += document.text.length;
    yield document;
  }
}
