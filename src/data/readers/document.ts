/** What readers give and what they are told: a document, a record, the report, the limits. */

import { InputError, type Problem } from '../../errors.ts';

/** One text to learn from, and where it came from. */
export interface Document {
  /** The record's own `id` if it has one, else `source:line`. Splits are made by it, so it should be stable. */
  readonly id: string;
  readonly text: string;
  /** The file, relative to `root`, with '/' between names. */
  readonly source: string;
  /** First line of the record, counted from 1; absent where the format has no lines (Parquet). */
  readonly line?: number;
  /** The record's other fields. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One entry of a file: an object of a JSON file, a row of a table, a text. */
export interface DataRecord {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly source: string;
  readonly line?: number;
  /** Place among the file's records, from 0; records that were skipped are not counted. */
  readonly index: number;
}

/** The record's own `id` if it has one, else its place. */
export function recordId({ fields: { id }, source, line, index }: DataRecord): string {
  const isNamed = (typeof id === 'string' && id !== '') || typeof id === 'number';
  return isNamed ? String(id) : `${source}:${line ?? index}`;
}

export interface ReadLimits {
  /** Longest record, in bytes of the file once unpacked. Default 64 MiB. */
  readonly maxRecordBytes: number;
  /** Most bytes that one compressed file may unpack to. Default 64 GiB. */
  readonly maxUnpackedBytes: number;
  /** Most bytes unpacked per packed byte, once more than 64 MiB came out. Default 200; gzip itself can reach 1,032. */
  readonly maxUnpackRatio: number;
}

export const DEFAULT_LIMITS: ReadLimits = {
  maxRecordBytes: 64 * 2 ** 20,
  maxUnpackedBytes: 64 * 2 ** 30,
  maxUnpackRatio: 200,
};

export interface ReadOptions {
  /** What to do with a record or file that cannot be read: stop (the default), or count it and go on. */
  readonly onBadLine?: 'error' | 'skip';
  /** How a `.txt` file is cut: one document (the default), at blank lines, or at every line. */
  readonly textUnit?: 'file' | 'paragraph' | 'line';
  /** Folder that sources are relative to. Default: the working directory. */
  readonly root?: string;
  readonly limits?: Partial<ReadLimits>;
  readonly signal?: AbortSignal;
  /** For callers that read a corpus in parts: a part without a readable record is no error by itself. Default false. */
  readonly allowNothing?: boolean;
}

/** What was read; complete once the iteration has ended. */
export interface ReadReport {
  files: number;
  records: number;
  /** Records and files that were not read, with `onBadLine: 'skip'`. */
  skipped: number;
  /** The first ten reasons. */
  readonly problems: Problem[];
  /** Documents with no text but white space, which are left out. */
  empty: number;
  /** Files met in folders whose ending no reader knows. */
  readonly ignored: string[];
}

export function newReport(): ReadReport {
  return { files: 0, records: 0, skipped: 0, problems: [], empty: 0, ignored: [] };
}

/** What a format's reader gets for one file. */
export interface FileContext {
  /** Path to open. */
  readonly path: string;
  /** Name in records and messages. */
  readonly source: string;
  readonly limits: ReadLimits;
  readonly textUnit: 'file' | 'paragraph' | 'line';
  readonly signal?: AbortSignal;
  /** Counts a bad record in `skip` mode and returns; throws in `error` mode. */
  readonly bad: (problem: BadRecord) => void;
}

export interface BadRecord {
  readonly line?: number;
  readonly found: string;
  readonly expected: string;
  readonly fix?: string;
}

/** Names `source`, or `source, line 70,312`. */
export function place(source: string, line?: number): string {
  return line === undefined ? source : `${source}, line ${line.toLocaleString('en-US')}`;
}

/** A problem of a whole file, from which no reader can go on; in `skip` mode the file's rest is skipped. */
export class UnreadableFile extends InputError {
  constructor(source: string, { line, found, expected, fix }: BadRecord, options?: ErrorOptions) {
    super({ field: place(source, line), found, expected, fix: fix ?? SKIP_HINT }, options);
  }
}

export const SKIP_HINT = "Correct it, or set onBadLine to 'skip' to leave such records out and have them counted.";
