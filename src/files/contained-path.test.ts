import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { containedPath } from './contained-path.ts';

let root: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-contained-'));
  folder = join(root, 'model');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(root, 'secret'), '');
  await writeFile(join(folder, 'file'), '');
  await symlink(join(root, 'secret'), join(folder, 'link-out'));
  await symlink(root, join(folder, 'folder-out'));
  await symlink('file', join(folder, 'link-in'));
  await symlink(join(root, 'not-there'), join(folder, 'dangling'));
});

afterAll(() => rm(root, { recursive: true }));

describe('containedPath', () => {
  it.each(['file', 'sub/file', 'not/there/yet', 'link-in', './file', '..file', 'a..b'])('accepts %j', async (name) => {
    expect(await containedPath(folder, name)).toBe(join(folder, name));
  });

  it.each([
    '',
    '.',
    '..',
    '../secret',
    'sub/../../secret',
    'sub/../file',
    '/etc/passwd',
    'C:\\secret',
    'c:secret',
    '..\\secret',
    'a\0b',
    'link-out',
    'folder-out/secret',
    'folder-out/new',
    'dangling',
    'file/below-a-file',
    'x'.repeat(10_000),
  ])('refuses %j', async (name) => {
    await expect(containedPath(folder, name)).rejects.toThrow(InputError);
  });

  it('lets links lead as far as the boundary', async () => {
    expect(await containedPath(folder, 'link-out', { boundary: root })).toBe(join(folder, 'link-out'));
    await expect(containedPath(folder, '../secret', { boundary: root })).rejects.toThrow(InputError);
  });
});
