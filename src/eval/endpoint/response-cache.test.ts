import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResponseCache } from './response-cache.ts';

let folder: string;
let cache: ResponseCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'response-cache-'));
  cache = new ResponseCache(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const reply = '{"choices": [{"text": "Zürich \u{1f4b6}", "score": -0.125}]}';

async function onlyFile(): Promise<string> {
  const [shard] = await readdir(folder);
  const names = await readdir(join(folder, shard));
  expect(names).toHaveLength(1);
  return join(folder, shard, names[0]);
}

describe('ResponseCache', () => {
  it('gives back what was put, for the same request only', async () => {
    expect(await cache.get('one')).toBeUndefined();
    await cache.put('one', reply);
    expect(await new ResponseCache(folder).get('one')).toEqual(reply);
    expect(await cache.get('two')).toBeUndefined();
  });

  it.each([
    ['empty', () => ''],
    ['cut off', (text: string) => text.slice(0, -9)],
    ['changed', (text: string) => text.replace('-0.125', '-0.126')],
    ['of another request', (text: string) => text.replace('"one"', '"two"')],
    ['of another version', (text: string) => text.replace('"version":1', '"version":0')],
    ['no JSON', () => '\0\0\0\0'],
    ['JSON of another kind', () => '[]'],
  ])('takes a file that is %s for missing, and writes it anew', async (_, damage) => {
    await cache.put('one', reply);
    const path = await onlyFile();
    const text = await readFile(path, 'utf8');
    await writeFile(path, damage(text));
    expect(await cache.get('one')).toBeUndefined();
    await cache.put('one', reply);
    expect(await readFile(await onlyFile(), 'utf8')).toBe(text);
    expect(await cache.get('one')).toEqual(reply);
  });

  it('leaves one whole file when the same is put many times at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => cache.put('one', reply)));
    expect(await cache.get('one')).toEqual(reply);
    await onlyFile();
  });
});
