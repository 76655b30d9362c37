import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { writeFileAtomically, writeFolderAtomically } from './atomic-write.ts';

/** Writes `file` and `folder/a`, `folder/b` over and over, each filled with one letter of the alphabet per round. */
const writer = (root: string): string => `
  import { writeFile } from 'node:fs/promises';
  import { join } from 'node:path';
  import { writeFileAtomically, writeFolderAtomically } from ${JSON.stringify(new URL('./atomic-write.ts', import.meta.url).href)};
  const root = ${JSON.stringify(root)};
  console.log('ready');
  for (let round = 0; ; round++) {
    const content = Buffer.alloc(300_000, 97 + (round % 26));
    await writeFileAtomically(join(root, 'file'), content);
    await writeFolderAtomically(join(root, 'folder'), async (folder) => {
      for (const name of ['a', 'b']) await writeFile(join(folder, name), content);
    }, { replace: true });
  }
`;

function isWhole(content: Buffer): boolean {
  return content.length === 300_000 && content.every((byte) => byte === content[0]);
}

it('leaves whole files and folders whenever the writer is killed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'finery-crash-'));
  try {
    for (const milliseconds of [3, 11, 24, 40, 61, 87]) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', writer(root)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await delay(milliseconds);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const names = await readdir(root);
      if (names.includes('file')) expect(isWhole(await readFile(join(root, 'file')))).toBe(true);
      if (names.includes('folder')) {
        const [a, b] = await Promise.all(['a', 'b'].map((name) => readFile(join(root, 'folder', name))));
        expect(isWhole(a) && a.equals(b)).toBe(true);
      }
    }
    // The next writers find nothing in their way and clean up after the dead.
    await writeFileAtomically(join(root, 'file'), 'x');
    await writeFolderAtomically(join(root, 'folder'), async () => undefined, { replace: true });
    expect((await readdir(root)).sort()).toEqual(['file', 'folder']);
  } finally {
    await rm(root, { recursive: true });
  }
});
