/**
 * Comma- and tab-separated tables whose first row names the columns (RFC 4180: quoted cells may hold line breaks). Cells are
 * strings. A column without a name, such as an index that pandas wrote, is called `column_<n>` by its place from 0.
 */

import { pipeline } from 'node:stream/promises';
import { type CsvError, type Info, parse } from 'csv-parse';
import { textBytes } from './bytes.ts';
import { type DataRecord, type FileContext, UnreadableFile } from './document.ts';
import { decodeUtf8 } from './lines.ts';

const NEWLINE = 0x0a;

interface Row {
  readonly record: readonly Buffer[];
  readonly info: Info;
}

export function csvReader(delimiter: string): (context: FileContext) => AsyncGenerator<DataRecord> {
  return (context) => readTable(context, delimiter);
}

async function* readTable(context: FileContext, delimiter: string): AsyncGenerator<DataRecord> {
  let names: string[] | undefined;
  let index = 0;
  for await (const { record, info } of rows(context, delimiter)) {
    // The parser stands at the last line of the row; line breaks inside its cells lead back to the first.
    const line = info.lines - record.reduce((sum, cell) => sum + countNewlines(cell), 0);
    const cells = record.map(decodeUtf8);
    if (!cells.every((cell) => cell !== undefined)) {
      context.bad({ line, found: 'bytes that are not UTF-8', expected: 'UTF-8 text' });
    } else if (names === undefined) {
      names = columnNames(cells, context.source);
    } else {
      const header = names;
      const fields = Object.fromEntries(cells.map((cell, column) => [header[column], cell]));
      yield { fields, source: context.source, line, index: index++ };
    }
  }
}

function countNewlines(cell: Buffer): number {
  let count = 0;
  for (let at = cell.indexOf(NEWLINE); at >= 0; at = cell.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function columnNames(header: readonly string[], source: string): string[] {
  const names = header.map((name, column) => name.trim() || `column_${column}`);
  const twice = names.find((name, column) => names.indexOf(name) < column);
  if (twice === undefined) return names;
  throw new UnreadableFile(source, {
    line: 1,
    found: `the column '${twice}' twice`,
    expected: 'column names that differ',
    fix: 'Rename one of them in the first row.',
  });
}

async function* rows(context: FileContext, delimiter: string): AsyncGenerator<Row> {
  const { source, limits } = context;
  const parser = parse({
    delimiter,
    // Cells stay bytes so that wrong UTF-8 is seen rather than replaced.
    encoding: null,
    info: true,
    skip_empty_lines: true,
    max_record_size: limits.maxRecordBytes,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error === undefined) return undefined;
      // Once a record is over the limit there is no telling where the next one starts.
      if (error.code === 'CSV_MAX_RECORD_SIZE') throw error;
      context.bad({ line: lineOf(error), ...explain(error) });
      return undefined;
    },
  });
  // Its error reaches the loop below, because the pipeline destroys the parser with it.
  const feed = pipeline(textBytes(context), parser).catch(() => {});
  try {
    for await (const row of parser as AsyncIterable<Row>) yield row;
  } catch (error) {
    if (!isCsvError(error)) throw error;
    throw new UnreadableFile(source, { line: lineOf(error), ...explain(error) }, { cause: error });
  } finally {
    parser.destroy();
    await feed;
  }
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && /^(CSV_|INVALID_OPENING_QUOTE)/.test(String(error.code));
}

function lineOf(error: CsvError): number | undefined {
  return typeof error.lines === 'number' ? error.lines : undefined;
}

function explain(error: CsvError): { found: string; expected: string } {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
    case 'CSV_RECORD_INCONSISTENT_COLUMNS':
      return { found: 'a row with another number of cells than the first', expected: 'one cell per column' };
    case 'CSV_QUOTE_NOT_CLOSED':
      return { found: 'a quoted cell that is never closed', expected: 'a closing quote' };
    case 'CSV_MAX_RECORD_SIZE':
      return { found: 'a row over the limit of maxRecordBytes', expected: 'a shorter row (is a quote left open?)' };
    default:
      return { found: 'a quote in the wrong place', expected: 'quotes around whole cells, doubled inside them' };
  }
}
