/** JSON Lines: one object a line; blank lines are allowed. */

import type { DataRecord, FileContext } from './document.ts';
import { parseObject } from './json-object.ts';
import { readLines } from './lines.ts';

export async function* readJsonLines(context: FileContext): AsyncGenerator<DataRecord> {
  let index = 0;
  for await (const { text, number } of readLines(context)) {
    if (text.trim() === '') continue;
    const fields = parseObject(text, number, context);
    if (fields !== undefined) yield { fields, source: context.source, line: number, index: index++ };
  }
}
