import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killMerges } from './kill-merges.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-kills-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a merge that is killed goes on, and ends with the bytes of one that was left alone', async () => {
  // Where so few kills fall is chance: that finished tensors are taken over is asked of the hundred in test/long.
  const { kills } = await killMerges(folder, { wanted: 3, threads: 0, seed: 11, from: 'src' });
  expect(kills).toBe(3);
}, 120_000);
