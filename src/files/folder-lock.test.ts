import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(os.tmpdir(), 'finery-lock-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('lockFolder', () => {
  it('keeps a second one out until the first is done, whoever it is', async () => {
    const lock = await lockFolder(root);
    await expect(lockFolder(root)).rejects.toThrow(`a run under way in process ${process.pid}`);
    const script = `import { lockFolder } from ${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)};
      lockFolder(${JSON.stringify(root)}).then(() => process.exit(0), () => process.exit(7));`;
    const other = () => spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]).status;
    expect(other()).toBe(7);
    await lock.release();
    expect(other()).toBe(0);
    // That process left without letting go: it is dead, so its lock is none.
    expect((await readdir(root)).filter((name) => name.startsWith('.lock'))).toHaveLength(1);
    await (await lockFolder(root)).release();
    expect((await readdir(root)).filter((name) => name.startsWith('.lock'))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('sees through a process number that was given away again', async () => {
    const host = os.hostname().replace(/[^A-Za-z0-9-]/g, '-');
    const token = '00000000-0000-0000-0000-000000000000';
    await writeFile(join(root, `.lock.${process.pid}.1.${host}.${token}`), '');
    await (await lockFolder(root)).release();
  });

  it('does not judge the processes of another machine', async () => {
    await writeFile(join(root, '.lock.99999999.0.another-host.00000000-0000-0000-0000-000000000000'), '');
    await expect(lockFolder(root)).rejects.toThrow(/process 99999999 on another-host.*remove/);
  });

  it('never lets two in', async () => {
    for (let round = 0; round < 20; round++) {
      const entered = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(root)));
      const locks = entered.filter((result) => result.status === 'fulfilled');
      expect(locks.length).toBeLessThanOrEqual(1);
      for (const { value } of locks) await value.release();
    }
  });
});
