import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killMerges } from '../merge/kill-merges.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a merge that is killed a hundred times goes on, and ends with the bytes of one that was left alone', async () => {
  const { kills, midway, resumed } = await killMerges(folder, { wanted: 100, threads: 2, seed: 2026, from: 'dist' });
  expect(kills).toBe(100);
  expect(midway).toBeGreaterThan(10);
  expect(resumed).toBeGreaterThan(0);
});
