import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ExitCode } from '../errors.ts';
import { writeFileAtomically, writeFolderAtomically } from '../files/atomic-write.ts';
import { reportError } from './report-error.ts';

const reportOf = async (writing: Promise<void>) => reportError(await writing.catch((error: unknown) => error));

it('takes a name that is too long for a mistake of the user', async () => {
  // It fits itself, but not what it is called while it is written.
  const path = join(tmpdir(), 'x'.repeat(250));
  for (const writing of [writeFileAtomically(path, ''), writeFolderAtomically(path, async () => {})]) {
    const { exitCode, text } = await reportOf(writing);
    expect([ExitCode.usage, ExitCode.input]).toContain(exitCode);
    expect(text).toMatch(/found +a name that is too long/);
  }
});

it.runIf(process.platform === 'linux')('ends where no folder can be made', async () => {
  const { exitCode, text } = await reportOf(writeFileAtomically('/proc/finery-test/below', ''));
  expect(exitCode).toBe(ExitCode.usage);
  expect(text).toContain('no such file or folder');
});
