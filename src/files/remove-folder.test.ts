import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolder } from './remove-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-remove-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folderWithFile(name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await writeFile(join(folder, 'file'), 'x');
  return folder;
}

describe('removeFolder', () => {
  it('removes a folder and what a dead process had begun to remove, and nothing else', async () => {
    const folder = await folderWithFile('steps');
    const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
    await folderWithFile(`.steps.tmp-${dead}-0-1`);
    await folderWithFile('steps-of-others');
    await folderWithFile(`.steps.tmp-${process.ppid}-0-1`);
    await removeFolder(folder);
    expect((await readdir(root)).sort()).toEqual([`.steps.tmp-${process.ppid}-0-1`, 'steps-of-others']);
  });

  it('is content where there is none', async () => {
    await expect(removeFolder(join(root, 'none'))).resolves.toBeUndefined();
    await expect(removeFolder(join(root, 'no', 'folder', 'either'))).resolves.toBeUndefined();
  });
});
