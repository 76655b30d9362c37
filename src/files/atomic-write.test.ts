import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { writeFileAtomically, writeFolderAtomically } from './atomic-write.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-atomic-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

/** Fails as a write to a full disk does, because it is one. */
async function writeToFullDisk(): Promise<void> {
  const full = await open('/dev/full', 'w');
  try {
    await full.write('x');
  } finally {
    await full.close();
  }
}

describe('writeFileAtomically', () => {
  it('creates, with its folders, and replaces', async () => {
    const path = join(folder, 'a', 'b', 'file');
    await writeFileAtomically(path, 'one');
    await writeFileAtomically(path, new Uint8Array([116, 119, 111]));
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file']);
  });

  it('shows the old content until the new one is complete, and keeps it when the writer fails', async () => {
    const path = join(folder, 'file');
    await writeFileAtomically(path, 'old');
    const failing = writeFileAtomically(path, async (file) => {
      await file.write('half of the n');
      expect(await readFile(path, 'utf8')).toBe('old');
      throw new Error('the writer gave up');
    });
    await expect(failing).rejects.toThrow('the writer gave up');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('serves two writers of one file at a time', async () => {
    const path = join(folder, 'file');
    await Promise.all(['one', 'two'].map((text) => writeFileAtomically(path, text)));
    expect(['one', 'two']).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('removes leftovers of dead runs, not those of live ones nor of other files', async () => {
    const alive = `.file.tmp-${process.ppid}-0-1`;
    const ours = `.file.tmp-${process.pid}-0-99999`;
    const other = `.file2.tmp-${deadPid()}-0-1`;
    for (const name of [`.file.tmp-${deadPid()}-0-1`, ours, alive, other, '.file.tmp-notes'])
      await writeFile(join(folder, name), 'x');
    await writeFileAtomically(join(folder, 'file'), 'x');
    // Under our own process id but not in use: left by an earlier process of the same id.
    expect((await readdir(folder)).sort()).toEqual([alive, other, '.file.tmp-notes', 'file'].sort());
  });

  it.runIf(process.platform === 'linux')('says that the disk is full and leaves nothing behind', async () => {
    const attempt = writeFileAtomically(join(folder, 'file'), writeToFullDisk);
    await expect(attempt).rejects.toThrow(/full disk while writing/);
    await expect(attempt).rejects.toThrow(UsageError);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('writeFolderAtomically', () => {
  const fill = (text: string) => async (temporary: string) => {
    await mkdir(join(temporary, 'sub'));
    await writeFile(join(temporary, 'sub', 'file'), text);
  };

  it('appears whole', async () => {
    const path = join(folder, 'out');
    await writeFolderAtomically(path, async (temporary) => {
      await fill('new')(temporary);
      expect(await readdir(folder)).not.toContain('out');
    });
    expect(await readFile(join(path, 'sub', 'file'), 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('refuses to overwrite unless told to replace', async () => {
    const path = join(folder, 'out');
    await writeFolderAtomically(path, fill('old'));
    await expect(writeFolderAtomically(path, fill('new'))).rejects.toThrow(UsageError);
    expect(await readFile(join(path, 'sub', 'file'), 'utf8')).toBe('old');
    await writeFolderAtomically(path, fill('new'), { replace: true });
    expect(await readFile(join(path, 'sub', 'file'), 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('leaves nothing behind when filling fails', async () => {
    const attempt = writeFolderAtomically(join(folder, 'out'), async (temporary) => {
      await fill('new')(temporary);
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(await readdir(folder)).toEqual([]);
  });

  it('puts back a folder that a dead run had moved aside', async () => {
    const path = join(folder, 'out');
    const aside = join(folder, `.out.old-${deadPid()}-0-1`);
    await mkdir(aside);
    await writeFile(join(aside, 'file'), 'old');
    await expect(writeFolderAtomically(path, fill('new'))).rejects.toThrow(UsageError);
    expect(await readFile(join(path, 'file'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['out']);
  });
});
