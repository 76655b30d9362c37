/** Records of data files, whatever their format: objects of JSON files, rows of tables, texts. */

import { resolve } from 'node:path';
import { InputError, type Problem } from '../../errors.ts';
import { emptyFile } from './bytes.ts';
import {
  type BadRecord,
  type DataRecord,
  DEFAULT_LIMITS,
  newReport,
  place,
  type ReadOptions,
  type ReadReport,
  SKIP_HINT,
  UnreadableFile,
} from './document.ts';
import { formatReader } from './formats.ts';
import { expandSources, type SourceFile } from './sources.ts';

/** An iterable that tells, once it has been read, what was read and what was not. Each iteration starts a new report. */
export interface Reading<T> extends AsyncIterable<T> {
  readonly report: ReadReport;
}

/** Passed beside each record so that a later check can reject it under the same rules. */
export type Reject = (problem: BadRecord) => void;

/**
 * Reads sources (files, folders, glob patterns) in a fixed order, one record in memory at a time.
 *
 *     const records = readRecords('data/*.jsonl.gz', { onBadLine: 'skip' });
 *     for await (const { fields } of records) use(fields);
 *     records.report.skipped
 *
 * Throws an `InputError` that names file and line for what cannot be read. With `onBadLine: 'skip'` it is counted instead,
 * unless nothing at all could be read.
 */
export function readRecords(sources: string | readonly string[], options: ReadOptions = {}): Reading<DataRecord> {
  return reading((report) => eachRecord(sources, options, report, (record) => record));
}

export function reading<T>(iterate: (report: ReadReport) => AsyncIterator<T>): Reading<T> {
  let report = newReport();
  return {
    get report() {
      return report;
    },
    [Symbol.asyncIterator]() {
      report = newReport();
      return iterate(report);
    },
  };
}

/** Goes through all files; `convert` makes of each record what is wanted, or rejects it and gives `undefined`. */
export async function* eachRecord<T>(
  sources: string | readonly string[],
  { onBadLine = 'error', textUnit = 'file', root = process.cwd(), limits, signal, allowNothing = false }: ReadOptions,
  report: ReadReport,
  convert: (record: DataRecord, reject: Reject) => T | undefined,
): AsyncGenerator<T> {
  const { files, ignored } = await expandSources(sources, resolve(root));
  report.ignored.push(...ignored);
  const skip = (problem: Problem): void => {
    report.skipped++;
    if (report.problems.length < 10) report.problems.push(problem);
  };

  for (const { path, source } of files) {
    const reject = (problem: BadRecord): void => {
      const error = rejection(source, problem);
      if (onBadLine === 'error') throw new InputError(error);
      skip(error);
    };
    const read = knownReader(path);
    const before = report.records + report.skipped;
    try {
      const context = { path, source, textUnit, signal, bad: reject, limits: { ...DEFAULT_LIMITS, ...limits } };
      for await (const record of read(context)) {
        signal?.throwIfAborted();
        const skippedBefore = report.skipped;
        const converted = convert(record, reject);
        if (report.skipped === skippedBefore) report.records++;
        if (converted !== undefined) yield converted;
      }
      if (report.records + report.skipped === before) throw emptyFile(source);
      report.files++;
    } catch (caught) {
      const error = isSystemError(caught) ? refusedBySystem(source, caught) : caught;
      if (onBadLine === 'error' || !(error instanceof UnreadableFile)) throw error;
      skip(error.problem);
    }
  }
  if (report.records === 0 && !allowNothing) throw nothingRead(report);
}

function rejection(source: string, { line, found, expected, fix = SKIP_HINT }: BadRecord): Problem {
  return { field: place(source, line), found, expected, fix };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function refusedBySystem(source: string, error: NodeJS.ErrnoException): UnreadableFile {
  return new UnreadableFile(
    source,
    { found: `${error.code} while reading`, expected: 'a readable file', fix: 'Check that it is there and permitted.' },
    { cause: error },
  );
}

function knownReader(path: SourceFile['path']) {
  const read = formatReader(path);
  if (read === undefined) throw new Error(`${path} passed without a reader`);
  return read;
}

function nothingRead({ skipped, problems }: ReadReport): InputError {
  const [first] = problems;
  return new InputError({
    field: first?.field ?? 'sources',
    found: `nothing that can be read (${skipped} skipped, the first for ${first?.found ?? 'no reason'})`,
    expected: first?.expected ?? 'at least one record',
    fix: 'Check that these are the right files and that the settings (such as textField) fit them.',
  });
}
