import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'finery-make-folder-')));
});
afterEach(() => rm(folder, { recursive: true }));

test('makes what is missing, takes what is there, and says where it really is', async () => {
  const path = join(folder, 'a', 'b');
  expect(await makeFolder(path, 'a test')).toBe(path);
  expect(await makeFolder(path, 'a test')).toBe(path);
  await symlink(path, join(folder, 'link'));
  expect(await makeFolder(join(folder, 'link'), 'a test')).toBe(path);
});

test('names the folder where a file is in the way', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const name of ['file', 'file/below']) {
    await expect(makeFolder(join(folder, name), 'a test')).rejects.toMatchObject({
      name: 'UsageError',
      problem: { field: join(folder, name), expected: 'a folder for a test' },
    });
  }
});

test.runIf(process.platform === 'linux')('gives up where no folder can be made', async () => {
  await expect(makeFolder('/proc/finery-test/below', 'a test')).rejects.toThrow(/\/proc\/finery-test\/below: found/);
});
