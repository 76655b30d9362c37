/**
 * A `.json` file: an array of objects, read one element at a time, so that a large file needs the memory of one record and a
 * broken element is named by its line. A file that starts with an object instead is read as JSON Lines, which many data sets
 * keep under this ending.
 */

import { textBytes } from './bytes.ts';
import { type DataRecord, type FileContext, UnreadableFile } from './document.ts';
import { parseObject } from './json-object.ts';
import { readJsonLines } from './jsonl.ts';
import { decodeUtf8 } from './lines.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export async function* readJsonFile(context: FileContext): AsyncGenerator<DataRecord> {
  const first = await firstByte(context);
  if (first === OPEN_ARRAY) yield* readJsonArray(context);
  else if (first === OPEN_OBJECT) yield* readJsonLines(context);
  else {
    throw new UnreadableFile(context.source, {
      line: 1,
      found:
        first === undefined ? 'nothing but white space' : `a file that starts with '${String.fromCharCode(first)}'`,
      expected: 'a JSON array of objects',
    });
  }
}

async function firstByte(context: FileContext): Promise<number | undefined> {
  for await (const chunk of textBytes(context)) {
    const found = chunk.find((byte) => !isSpace(byte));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function* readJsonArray(context: FileContext): AsyncGenerator<DataRecord> {
  let index = 0;
  for await (const { bytes, line } of elements(context)) {
    const text = decodeUtf8(bytes);
    if (text === undefined) {
      context.bad({ line, found: 'bytes that are not UTF-8', expected: 'UTF-8 text' });
      continue;
    }
    const fields = parseObject(text, line, context);
    if (fields !== undefined) yield { fields, source: context.source, line, index: index++ };
  }
}

interface Element {
  readonly bytes: Buffer;
  readonly line: number;
}

/**
 * Cuts the array at its own commas. Only strings and the depth of brackets are followed: what lies between two commas is
 * left to the JSON parser to judge. All marks are ASCII, so bytes of longer UTF-8 characters cannot be mistaken for them.
 */
async function* elements(context: FileContext): AsyncGenerator<Element> {
  const { source, limits } = context;
  const parts: Buffer[] = [];
  let length = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let closed = false;
  let line = 1;
  let startLine = 1;
  let started = false;
  let count = 0;

  const take = (end: Buffer): Element => {
    const bytes = Buffer.concat([...parts, end]);
    parts.length = 0;
    length = 0;
    started = false;
    count++;
    return { bytes, line: startLine };
  };
  const broken = (found: string, expected: string) => new UnreadableFile(source, { line, found, expected });

  for await (const chunk of textBytes(context)) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (byte === NEWLINE) line++;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (isSpace(byte)) continue;
      if (closed) throw broken('more after the end of the array', 'one array');
      if (depth === 0) {
        depth = 1;
        start = i + 1;
        continue;
      }
      if (depth === 1 && (byte === COMMA || byte === CLOSE_ARRAY)) {
        // "[]" has no element; "[1,]" and "[,1]" have one that is missing.
        if (started) yield take(chunk.subarray(start, i));
        else if (byte === COMMA || count > 0) throw broken('a comma without an element', 'a JSON array');
        start = i + 1;
        closed = byte === CLOSE_ARRAY;
        continue;
      }
      if (!started) {
        started = true;
        startLine = line;
        start = i;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
      if (depth === 0) throw broken(`'${String.fromCharCode(byte)}' too many`, 'balanced brackets');
    }
    if (!started) continue;
    length += chunk.length - start;
    if (length > limits.maxRecordBytes) throw broken(`an element over ${limits.maxRecordBytes} bytes`, 'a shorter one');
    parts.push(chunk.subarray(start));
  }
  if (!closed) throw broken('the end of the file inside the array', "a closing ']'");
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}
