import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPairs } from './read-pairs.ts';

let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'finery-pairs-')), 'pairs.jsonl');
});
afterEach(() => rm(join(file, '..'), { recursive: true }));

it('reads pairs, with and without negatives', async () => {
  await writeFile(file, '{"query":"q","positive":"p"}\n{"query":"a","positive":"b","negatives":["c"],"id":7}\n');
  expect(await readPairs(file)).toEqual([
    { query: 'q', positive: 'p', negatives: [] },
    { query: 'a', positive: 'b', negatives: ['c'] },
  ]);
});

it.each([
  ['no document', { query: 'q' }, /line 1, positive: found nothing, expected "query" and "positive"/],
  ['a number', { query: 7, positive: 'p' }, /line 1, query: found 7,/],
  ['an empty text', { query: ' ', positive: 'p' }, /line 1, query: found " ",/],
  ['one negative', { query: 'q', positive: 'p', negatives: 'n' }, /line 1, negatives: found "n",/],
  ['a negative that is none', { query: 'q', positive: 'p', negatives: ['n', null] }, /negatives.1: found null,/],
])('refuses %s in words of the record', async (_, record, message) => {
  await writeFile(file, JSON.stringify(record));
  await expect(readPairs(file)).rejects.toThrow(message);
});
