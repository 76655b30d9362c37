/** The bytes of a file, unpacked if its name ends in `.gz`, under limits that a decompression bomb cannot pass. */

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { type FileContext, UnreadableFile } from './document.ts';

/** Below this the ratio says nothing: a small file may well be 500 equal lines. */
const RATIO_FREE_BYTES = 64 * 2 ** 20;
const CHUNK_BYTES = 2 ** 18;
/** How much of a file's beginning is looked at for signs that it is not text. */
const SNIFF_BYTES = 4096;

/**
 * Chunks of a text file's bytes, without its byte order mark.
 * Throws `UnreadableFile` for a file that is empty, binary, UTF-16, damaged or over the limits.
 */
export async function* textBytes(context: FileContext): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of unpackedBytes(context)) {
    if (!first) {
      yield chunk;
      continue;
    }
    first = false;
    refuseBinary(context.source, chunk.subarray(0, SNIFF_BYTES));
    const marked = chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    if (chunk.length > (marked ? 3 : 0)) yield marked ? chunk.subarray(3) : chunk;
  }
  if (first) throw emptyFile(context.source);
}

export function emptyFile(source: string): UnreadableFile {
  return new UnreadableFile(source, {
    found: 'an empty file',
    expected: 'at least one record',
    fix: 'Fetch or write the file again, or leave it out.',
  });
}

function refuseBinary(source: string, start: Buffer): void {
  const utf16 = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  const gzip = start[0] === 0x1f && start[1] === 0x8b;
  if (!utf16 && !gzip && !start.includes(0)) return;
  throw new UnreadableFile(source, {
    line: 1,
    found: utf16 ? 'UTF-16 text' : gzip ? 'gzip data without the ending .gz' : 'binary data (a zero byte)',
    expected: 'UTF-8 text',
    fix: gzip ? 'Rename the file so that it ends in .gz.' : "Convert it to UTF-8, or set onBadLine to 'skip'.",
  });
}

async function* unpackedBytes({ path, source, limits, signal }: FileContext): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
  if (!path.endsWith('.gz')) {
    yield* packed as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  packed.on('error', (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of packed.pipe(unpacked) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const overRatio = bytes > RATIO_FREE_BYTES && bytes > limits.maxUnpackRatio * packed.bytesRead;
      if (overRatio || bytes > limits.maxUnpackedBytes) {
        throw new UnreadableFile(source, {
          found: `${bytes} bytes unpacked from the first ${packed.bytesRead}`,
          expected: `at most ${limits.maxUnpackedBytes} bytes, ${limits.maxUnpackRatio} times what is packed`,
          fix: 'If you trust the file, unpack it yourself or raise limits.maxUnpackRatio and limits.maxUnpackedBytes.',
        });
      }
      yield chunk;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('Z_')) throw error;
    throw new UnreadableFile(
      source,
      {
        found: `damaged gzip data after ${bytes} bytes (${code})`,
        expected: 'a whole gzip file',
        fix: "Fetch the file again, or set onBadLine to 'skip' to keep what precedes the damage.",
      },
      { cause: error },
    );
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}
