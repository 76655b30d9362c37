import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finery } from './finery.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-cli-reproduce-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('says what it does', async () => {
  const help = await finery(['reproduce', '--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('finery reproduce cpt-merge --seeds 5 --out reproductions.md');
});

it('refuses a name that it does not know, and finds the nearest', async () => {
  const { code, stdout, stderr } = await finery(['reproduce', 'dar', '--work', folder]);
  expect(code).toBe(2);
  expect(stdout + stderr).toMatch(/name\s+found\s+"dar"\s+expected\s+one of cpt-merge, dare\s.*Did you mean "dare"\?/s);
});

it('goes on from figures that were kept: prints what holds and what does not, and puts the table on a page', async () => {
  const tuned = (delta: number, loss: number, droppedLoss: number) => ({ delta, loss, droppedLoss });
  const evidence = {
    base: 0,
    tuned: 0.8,
    dropped: [0.8, 0.4, 0.1],
    notRescaled: 0.1,
    weightsDropped: 0.2,
    deltasDropped: 0.8,
    small: tuned(0.001, 0.5, 0.6),
    large: tuned(0.01, 0.5, 2.5),
    law: [0.5, 0.9].map(() => ({ variance: 1.02, mean: 0.99, meanNotRescaled: 0.1 })),
  };
  await mkdir(join(folder, 'dare-1', 'seed-1'), { recursive: true });
  await writeFile(join(folder, 'dare-1', 'seed-1', 'evidence.json'), JSON.stringify(evidence));
  const page = join(folder, 'page.md');
  await writeFile(page, '# Mine\n\nAbove it.\n');
  const words = ['reproduce', 'dare', '--seeds', '1', '--work', folder, '--out', page, '--json'];
  const { code, stdout, stderr } = await finery(words);
  expect(code, stderr).toBe(0);
  const { seeds, claims } = JSON.parse(stdout);
  expect(seeds).toEqual([1]);
  expect(claims.map(({ id, holds }: { id: string; holds: boolean }) => [id, holds])).toEqual([
    ['D1', true],
    ['D2', false],
    ['D3', true],
    ['D4', true],
  ]);
  const text = await readFile(page, 'utf8');
  expect(text).toMatch(/^# Mine\n\nAbove it\.\n/);
  expect(text).toContain('20.0 times, with a delta 10.0 times as large');
});
