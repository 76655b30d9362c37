import { describe, expect, it } from 'vitest';
import { linesOf } from './chat-in-pipe.ts';

async function* chunks(...parts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function read(input: AsyncIterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(input)) lines.push(line);
  return lines;
}

describe('linesOf', () => {
  it('finds lines wherever the chunks are cut', async () => {
    const snow = Buffer.from('☃');
    const input = chunks('one\ntw', 'o\r\n\nthr', snow.subarray(0, 1), snow.subarray(1), 'ee');
    expect(await read(input)).toEqual(['one', 'two', '', 'thr☃ee']);
    expect(await read(chunks('a\n', ''))).toEqual(['a']);
    expect(await read(chunks())).toEqual([]);
  });

  it('refuses bytes that are not UTF-8, and a line that has no end', async () => {
    await expect(read(chunks('fine\n', Buffer.from([0xff, 0x0a])))).rejects.toThrow('standard input, line 2');
    let mebibytes = 0;
    async function* endless() {
      for (;;) {
        mebibytes++;
        yield Buffer.alloc(2 ** 20, 'x');
      }
    }
    await expect(read(endless())).rejects.toThrow(/line 1: found more than 16777216 bytes/);
    expect(mebibytes).toBe(17);
  });
});
