import { describe, expect, it } from 'vitest';
import { ContentHash } from './content-hash.ts';
import { Workspace } from './workspace.ts';

const workspace = new Workspace(2 ** 20);

/** The text in pieces of a length. */
function hashIn(text: string, length: number): string {
  workspace.reset();
  const hash = new ContentHash(workspace);
  const memory = workspace.floats(text.length);
  const bytes = new Uint8Array(memory.buffer, memory.byteOffset, text.length);
  bytes.set(Buffer.from(text, 'latin1'));
  for (let at = 0; at < text.length; at += length) hash.update(bytes.subarray(at, at + length));
  return hash.digest();
}

// Known values of XXH64 with seed 0: no stripe, a few bytes behind none, and one stripe with every kind of tail.
const known: readonly (readonly [string, string])[] = [
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['as', '1c330fb2d66be179'],
  ['asd', '631c37ce72a97393'],
  ['asdf', '415872f599cea71e'],
  ['Call me Ishmael. Some years ago--never mind how long precisely-', '02a2e85470d6fd96'],
];

describe('ContentHash', () => {
  it.each(known)('of %j is XXH64', (text, expected) => {
    expect(hashIn(text, 1000)).toBe(expected);
  });

  it.each([1, 7, 31, 32, 33])('is the same in pieces of %i bytes', (length) => {
    for (const [text, expected] of known) expect(hashIn(text, length)).toBe(expected);
    const long = Array.from({ length: 1000 }, (_, i) => String.fromCharCode((i * 37) % 256)).join('');
    expect(hashIn(long, length)).toBe(hashIn(long, 1000));
  });
});
