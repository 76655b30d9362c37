/** Plain text: a file is one document, or one a paragraph (cut at blank lines), or one a line. */

import type { DataRecord, FileContext } from './document.ts';
import { UnreadableFile } from './document.ts';
import { readLines } from './lines.ts';

/** Name of the field that holds the text of a `.txt` record. */
export const TEXT_FIELD = 'text';

export async function* readText(context: FileContext): AsyncGenerator<DataRecord> {
  const { source, textUnit, limits } = context;
  let index = 0;
  let lines: string[] = [];
  let bytes = 0;
  let first = 1;
  const take = (): DataRecord => {
    const record = { fields: { [TEXT_FIELD]: lines.join('\n') }, source, line: first, index: index++ };
    lines = [];
    bytes = 0;
    return record;
  };

  for await (const { text, number } of readLines(context)) {
    const blank = text.trim() === '';
    if (textUnit === 'paragraph' && blank) {
      if (lines.length > 0) yield take();
      continue;
    }
    if (textUnit === 'line' && blank) continue;
    if (lines.length === 0) first = number;
    lines.push(text);
    bytes += text.length + 1;
    if (textUnit === 'line') {
      yield take();
    } else if (bytes > limits.maxRecordBytes) {
      throw new UnreadableFile(source, {
        line: number,
        found: `a text over ${limits.maxRecordBytes} bytes`,
        expected: 'a shorter document',
        fix: "Set textUnit to 'paragraph' or 'line', or raise limits.maxRecordBytes.",
      });
    }
  }
  if (lines.length > 0) yield take();
}
