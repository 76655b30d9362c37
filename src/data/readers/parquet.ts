/**
 * Parquet tables, one row group in memory at a time. The footer is data of a stranger too: sizes that it claims are checked
 * before anything is allocated for them.
 */

import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { emptyFile } from './bytes.ts';
import { type DataRecord, type FileContext, UnreadableFile } from './document.ts';

const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const MAX_GROUP_BYTES = 4 * 2 ** 30;
const MAX_GROUP_ROWS = 16 * 2 ** 20;
const MAX_PAGE_BYTES = 2 ** 30;
const MAGIC = 'PAR1';

export async function* readParquet(context: FileContext): AsyncGenerator<DataRecord> {
  const { path, source, signal } = context;
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const file = { byteLength: size, slice: boundedSlice(handle, size) };
    const metadata = await readFooter(file, source);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      signal?.throwIfAborted();
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await damaged(source, `a row group (rows ${rowStart}-${rowEnd}) that cannot be read`, () =>
        parquetReadObjects({
          file,
          metadata,
          rowStart,
          rowEnd,
          compressors: boundedCompressors(),
          parsers: strictParsers,
        }),
      );
      // Where columns end before the row count that the group claims, the library gives rows of nothing.
      const hollow = rows.some((row) => Object.values(row).every((value) => value === undefined));
      if (rows.length !== rowEnd - rowStart || hollow) {
        throw new UnreadableFile(source, {
          found: `fewer rows in a row group than the ${rowEnd - rowStart} that it claims`,
          expected: 'a whole file',
        });
      }
      for (const [i, row] of rows.entries()) yield { fields: plainRow(row), source, index: rowStart + i };
      rowStart = rowEnd;
    }
  } finally {
    await handle.close();
  }
}

function boundedSlice(handle: FileHandle, size: number): AsyncBuffer['slice'] {
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size)) throw new Error(`a range outside the file (${start}-${end})`);
    const bytes = new Uint8Array(end - start);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) throw new Error('the file ends early');
    return bytes.buffer;
  };
  return (start, end = size) => {
    const slice = read(start, end);
    // The library reads ahead and, when one range fails, never looks at the others: their failures must not end the process.
    slice.catch(() => {});
    return slice;
  };
}

async function readFooter(file: AsyncBuffer, source: string): Promise<FileMetaData> {
  if (file.byteLength === 0) throw emptyFile(source);
  const notParquet = (found: string) => new UnreadableFile(source, { found, expected: `a Parquet file (${MAGIC})` });
  if (file.byteLength < 12) throw notParquet(`${file.byteLength} bytes`);
  const head = Buffer.from(await file.slice(0, 4)).toString('latin1');
  const tail = Buffer.from(await file.slice(file.byteLength - 8));
  if (head !== MAGIC || tail.toString('latin1', 4) !== MAGIC) throw notParquet('other data, or a file cut short');
  const footerBytes = tail.readUInt32LE(0);
  if (footerBytes > Math.min(MAX_FOOTER_BYTES, file.byteLength - 12))
    throw notParquet(`a footer of ${footerBytes} bytes`);
  const metadata = await damaged(source, 'a footer that cannot be read', () =>
    parquetMetadataAsync(file, { geoparquet: false }),
  );
  for (const { num_rows, columns } of metadata.row_groups) {
    const bytes = columns.reduce((sum, column) => sum + Number(column.meta_data?.total_uncompressed_size ?? 0), 0);
    if (num_rows < 0 || num_rows > MAX_GROUP_ROWS || bytes < 0 || bytes > MAX_GROUP_BYTES) {
      throw new UnreadableFile(source, {
        found: `a row group of ${num_rows} rows and ${bytes} bytes`,
        expected: `at most ${MAX_GROUP_ROWS} rows and ${MAX_GROUP_BYTES} bytes`,
        fix: 'Write the file again with smaller row groups.',
      });
    }
  }
  return metadata;
}

/** Runs a step of the Parquet library, whose errors (also range errors of its views) mean that the file is damaged. */
async function damaged<T>(source: string, found: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableFile(source, { found: `${found} (${reason})`, expected: 'a whole file' }, { cause: error });
  }
}

/** The decompressors, refusing pages whose header claims an absurd size before it is allocated. */
function boundedCompressors(): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, outputLength: number) => {
        if (outputLength > MAX_PAGE_BYTES) throw new Error(`a page of ${outputLength} bytes`);
        return decompress(input, outputLength);
      },
    ]),
  );
}

const strictParsers = {
  stringFromBytes(bytes: Uint8Array): string {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  },
};

/** 64-bit integers become numbers where they are exact and decimal strings where not, as JSON would carry them. */
function plainRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === undefined) return null;
  if (value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return plainRow(value as Record<string, unknown>);
  return value;
}
