import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { findPyodide } from './pyodide-package.ts';

it('finds the installed package', async () => {
  expect(JSON.parse(await readFile(join(await findPyodide(), 'package.json'), 'utf8')).name).toBe('pyodide');
});

it('says how to install it', async () => {
  const missing = findPyodide(() => {
    throw new Error('not found');
  });
  await expect(missing).rejects.toThrow(UsageError);
  await expect(missing).rejects.toThrow(/found no such package.*npm install pyodide@314\.0\.7/);
});

it('refuses another version', async () => {
  const other = findPyodide(() => new URL('../../../package.json', import.meta.url).href);
  await expect(other).rejects.toThrow(/found version 0\.1\.0, expected version 314\.0\.7/);
});
