/** Conversations of data files as token ids with masks, each error with the place that it comes from. */
import { InputError, type Problem } from '../../errors.ts';
import { type DataRecord, place, recordId } from '../readers/document.ts';
import { readRecords } from '../readers/read-records.ts';
import type { DocumentName } from '../token-shard.ts';
import { groupOf } from '../tokenize.ts';
import { type ExampleEncoder, encodeExample } from './encode-example.ts';
import { readExample } from './example.ts';

export interface EncodedExample extends DocumentName {
  readonly ids: Int32Array;
  /** [tokens] 1 where a token is learnt. */
  readonly trained: Uint8Array;
}

/** Names of the fields that hold an example, in the records of the files. */
export interface ExampleFields {
  readonly messages: string;
  readonly prompt: string;
  readonly completion: string;
}

export interface ReadConversationsOptions {
  readonly root: string;
  readonly fields: ExampleFields;
  /** Leave broken records out and count them. */
  readonly skipBroken: boolean;
  /** Field of a record whose value is kept as its group. */
  readonly groupField?: string;
  /** Stop after so many. */
  readonly most?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (examples: number, tokens: number) => void;
}

export interface ReadConversations {
  readonly examples: readonly EncodedExample[];
  /** Records that were left out. */
  readonly skipped: number;
}

const PROGRESS_EXAMPLES = 200;

/**
 * Reads `.jsonl`, `.json` and `.parquet` (and what else `readRecords` knows), in a fixed order.
 * @throws InputError naming file, line and field of the first broken record unless they are skipped, or where none is left
 */
export async function readConversations(
  sources: readonly string[],
  encoder: ExampleEncoder,
  {
    root,
    fields,
    skipBroken,
    groupField,
    most = Number.POSITIVE_INFINITY,
    signal,
    onProgress,
  }: ReadConversationsOptions,
): Promise<ReadConversations> {
  const records = readRecords(sources, { root, signal, onBadLine: skipBroken ? 'skip' : 'error' });
  const examples: EncodedExample[] = [];
  let refused = 0;
  let tokens = 0;
  let first: Problem | undefined;
  for await (const record of records) {
    try {
      const encoded = await encodeExample(readExample(renamed(record, fields)), encoder, signal);
      examples.push({ ...nameOf(record, groupField), ...encoded });
      tokens += encoded.ids.length;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const problem = { ...error.problem, field: `${placeOf(record)}: ${ownName(error.problem.field, fields)}` };
      if (!skipBroken) throw new InputError(problem, { cause: error });
      first ??= problem;
      refused++;
    }
    if (examples.length % PROGRESS_EXAMPLES === 0) onProgress?.(examples.length, tokens);
    if (examples.length >= most) break;
  }
  if (examples.length === 0) throw nothingLeft(sources, refused, first);
  return { examples, skipped: records.report.skipped + refused };
}

/** The record with its example under the names that `readExample` knows. */
function renamed({ fields: own }: DataRecord, fields: ExampleFields): Readonly<Record<string, unknown>> {
  const example = Object.entries(fields).map(([name, field]) => [
    name,
    Object.hasOwn(own, field) ? own[field] : undefined,
  ]);
  return { ...own, ...Object.fromEntries(example) };
}

/** `completion` as the file calls it. */
function ownName(path: string, fields: ExampleFields): string {
  const [first, ...rest] = path.split('.');
  const own = Object.entries(fields).find(([name]) => name === first)?.[1] ?? first;
  return [own, ...rest].join('.');
}

const nameOf = (record: DataRecord, groupField: string | undefined): DocumentName => ({
  id: recordId(record),
  source: record.source,
  group: groupOf({ metadata: record.fields }, groupField),
});

const placeOf = ({ source, line, index }: DataRecord): string =>
  line === undefined ? `${source}, record ${(index + 1).toLocaleString('en-US')}` : place(source, line);

function nothingLeft(sources: readonly string[], refused: number, first: Problem | undefined): InputError {
  return new InputError({
    field: first?.field ?? sources.join(', '),
    found: first === undefined ? 'no records' : `${first.found}; none of ${refused} records can be learnt from`,
    expected: first?.expected ?? 'at least one conversation',
    fix: first?.fix ?? 'Check that these are the right files.',
  });
}
