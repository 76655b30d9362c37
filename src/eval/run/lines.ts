/**
 * Lines of a file that may be larger than a text can be. Only a line feed ends a line: `node:readline` of newer versions
 * also ends one at U+2028, which JSON writes as it is.
 */
import { createReadStream } from 'node:fs';

/** @throws whatever reading throws, as for a file that is not there */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const [first, ...rest] = String(chunk).split('\n');
    begun.push(first);
    for (const next of rest) {
      yield begun.join('');
      begun = [next];
    }
  }
  const last = begun.join('');
  if (last !== '') yield last;
}
