/** Vectors of the records of data files, a portion of them in memory at a time. */
import { type DataRecord, place, recordId } from '../data/readers/document.ts';
import { readRecords } from '../data/readers/read-records.ts';
import { InputError } from '../errors.ts';
import type { Embedder, EmbedOptions } from './embedder.ts';

export interface EmbedRecordsOptions extends Pick<EmbedOptions, 'prompt' | 'prefix' | 'dimensions' | 'signal'> {
  /** The field that holds the text. Default `text`. */
  readonly field?: string;
  /** Told how many records are done. */
  readonly onProgress?: (done: number) => void;
}

export interface EmbeddedRecord {
  readonly id: string;
  readonly vector: Float32Array;
}

/** Texts of a portion: enough that most batches are full whatever their lengths. */
const portionTexts = 512;
const portionCharacters = 4_000_000;

/** @throws InputError for a record without a text, or without tokens, by its place */
export async function* embedRecords(
  embedder: Embedder,
  sources: string | readonly string[],
  { field = 'text', onProgress, ...options }: EmbedRecordsOptions = {},
): AsyncGenerator<EmbeddedRecord> {
  let portion: { readonly record: DataRecord; readonly text: string }[] = [];
  let characters = 0;
  let done = 0;
  const flush = async function* () {
    const texts = portion.map(({ text }) => text);
    const vectors = await embedder.embed(texts, options);
    for (const [i, { record }] of portion.entries()) yield { id: recordId(record), vector: vectors[i] };
    done += portion.length;
    onProgress?.(done);
    portion = [];
    characters = 0;
  };
  for await (const record of readRecords(sources, { signal: options.signal })) {
    const text = textOf(record, field);
    portion.push({ record, text });
    characters += text.length;
    if (portion.length >= portionTexts || characters >= portionCharacters) yield* flush();
  }
  if (portion.length > 0) yield* flush();
}

function textOf({ fields, source, line }: DataRecord, field: string): string {
  const text = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new InputError({
    field: `${place(source, line)}, ${field}`,
    found: typeof text === 'string' ? 'an empty text' : (JSON.stringify(text)?.slice(0, 100) ?? 'nothing'),
    expected: 'a text',
    fix: 'Correct the record, or name the field that holds the text.',
  });
}
