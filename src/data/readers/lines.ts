/** Lines of a text file as strings, numbered from 1, with a bound on their length and every byte checked to be UTF-8. */

import { isUtf8 } from 'node:buffer';
import { textBytes } from './bytes.ts';
import type { FileContext } from './document.ts';

export interface Line {
  readonly text: string;
  readonly number: number;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Decodes, or returns `undefined` where the bytes are not UTF-8. U+FEFF within a text is kept. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/**
 * A file's lines without their `\n` or `\r\n`. A line that is too long or not UTF-8 is reported to `context.bad` and left
 * out; a long one is never held in memory.
 */
export async function* readLines(context: FileContext): AsyncGenerator<Line> {
  const { maxRecordBytes } = context.limits;
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  let tooLong = false;

  const finish = (end: Buffer): Line | undefined => {
    number++;
    const line = parts.length === 0 ? end : Buffer.concat([...parts, end]);
    const dropped = tooLong || length + end.length > maxRecordBytes;
    parts = [];
    length = 0;
    tooLong = false;
    if (dropped) {
      context.bad({ line: number, found: `more than ${maxRecordBytes} bytes`, expected: 'a shorter line' });
      return undefined;
    }
    const text = decodeUtf8(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
    if (text === undefined) {
      context.bad({ line: number, found: 'bytes that are not UTF-8', expected: 'UTF-8 text' });
      return undefined;
    }
    return { text, number };
  };

  for await (const chunk of textBytes(context)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = finish(chunk.subarray(start, end));
      if (line !== undefined) yield line;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    length += chunk.length - start;
    if (length > maxRecordBytes) {
      tooLong = true;
      parts = [];
    } else {
      parts.push(chunk.subarray(start));
    }
  }
  if (parts.length > 0 || tooLong) {
    const line = finish(Buffer.alloc(0));
    if (line !== undefined) yield line;
  }
}
