import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string): Promise<string[]> {
  const path = join(folder, 'file');
  await writeFile(path, content);
  const lines: string[] = [];
  for await (const line of linesOf(path)) lines.push(line);
  return lines;
}

it.each([
  ['nothing', '', []],
  ['a last line with and without an end', 'a\nb\n', ['a', 'b']],
  ['empty lines between', 'a\n\nb', ['a', '', 'b']],
  ['ends of lines that JSON leaves alone', '"a\u2028b\u2029c\u0085d"\r\n', ['"a\u2028b\u2029c\u0085d"\r']],
])('%s', async (_, content, lines) => {
  expect(await read(content)).toEqual(lines);
});

it('characters of several bytes on the border of what is read at once', async () => {
  const line = `${'x'.repeat((1 << 20) - 1)}\u{1f4b6}${'y'.repeat(1 << 20)}`;
  expect(await read(`${line}\n${line}\n`)).toEqual([line, line]);
});

it('throws for a file that is not there', async () => {
  await expect(linesOf(join(folder, 'none')).next()).rejects.toThrow('ENOENT');
});
