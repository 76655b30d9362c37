import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { findModelCode, findTokenizerCode } from './model-code.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-model-code-'));
  await writeFile(join(root, 'outside.py'), 'secret');
});
afterAll(() => rm(root, { recursive: true }));

/** A folder whose configuration has this `auto_map`, with files by name. */
async function folderWith(map: unknown, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = join(root, `model-${count++}`);
  await mkdir(folder);
  const all = { 'config.json': JSON.stringify({ auto_map: map }), ...files };
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content);
  return folder;
}

describe('the code of a model folder', () => {
  it('is what auto_map names, and what that imports from beside it', async () => {
    const folder = await folderWith(
      { AutoConfig: 'configuration_x.XConfig', AutoModel: 'modeling_x.XModel', AutoModelForMaskedLM: null },
      {
        'configuration_x.py': 'class XConfig: pass',
        'modeling_x.py':
          'import torch\nfrom .configuration_x import XConfig\nif True:\n    from .layers import (\n  Norm)\n',
        'layers.py': 'import .absent\nfrom os import path\nfrom .modeling_x import XModel',
        'tokenizer_config.json': JSON.stringify({ auto_map: { AutoTokenizer: ['tokenization_x.XTokenizer', null] } }),
        'tokenization_x.py': 'from .bytes_x import table',
        'bytes_x.py': '',
        'unnamed.py': '',
      },
    );
    const { files, missing } = await findModelCode(folder);
    expect([...files.keys()].sort()).toEqual(['configuration_x.py', 'layers.py', 'modeling_x.py']);
    for (const [name, path] of files) expect(path).toBe(join(folder, name));
    expect(missing).toEqual(['absent.py']);
    const tokenizer = await findTokenizerCode(folder);
    expect([...tokenizer.files.keys()].sort()).toEqual(['bytes_x.py', 'tokenization_x.py']);
    expect(tokenizer.missing).toEqual([]);
  });

  it.each([
    ['the list of an older tokenizer', { AutoTokenizer: 'other.T' }, ['tokenization_x.Slow', 'tokenization_x.Fast']],
    ['the configuration of the model', { AutoTokenizer: 'tokenization_x.T', AutoModel: 'modeling_x.M' }, undefined],
  ])('is, of a tokenizer, what %s names', async (_, auto_map, list) => {
    const files = { 'tokenization_x.py': '', 'modeling_x.py': '', 'other.py': '' };
    const folder = await folderWith(auto_map, {
      ...files,
      'tokenizer_config.json': JSON.stringify({ auto_map: list }),
    });
    expect([...(await findTokenizerCode(folder)).files.keys()]).toEqual(['tokenization_x.py']);
    expect((await findModelCode(folder)).files.has('tokenization_x.py')).toBe(false);
  });

  it('is none where nothing is named, or the hub has it', async () => {
    for (const map of [undefined, null, {}, { AutoModel: 'owner/repository--modeling_x.Model' }]) {
      const { files, missing } = await findModelCode(await folderWith(map, { 'modeling_x.py': '' }));
      expect([files.size, missing]).toEqual([0, []]);
    }
  });

  it.each([
    '../outside.X',
    '/etc/passwd.X',
    '..outside.X',
    'a/b.X',
    'a\\b.X',
    'modeling',
    'modeling.',
    '.X',
    'a.b.X',
    'mo del.X',
    'modeling\0.X',
    '../../x--../outside.X',
    'C:modeling.X',
    { AutoModel: 'x' },
    7,
  ])('is not looked for under the name %j', async (name) => {
    const folder = await folderWith({ AutoModel: name }, { 'modeling.py': '' });
    await expect(findModelCode(folder)).rejects.toThrow(InputError);
    await expect(findModelCode(folder)).rejects.toThrow(/config.json, auto_map.AutoModel: found .*Do not trust/);
  });

  it('is no list, no text, and no more than code is long', async () => {
    await expect(findModelCode(await folderWith('modeling.X'))).rejects.toThrow(/auto_map: found "modeling.X"/);
    const long = await folderWith({ AutoModel: 'modeling.X' }, { 'modeling.py': '#'.repeat(2 ** 20 + 1) });
    await expect(findModelCode(long)).rejects.toThrow(/1048577 bytes/);
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`Auto${i}`, `modeling_${i}.X`]));
    await expect(findModelCode(await folderWith(many))).rejects.toThrow(/33 files of code/);
  });

  it('stays in its folder, and is a file', async () => {
    const linked = await folderWith({ AutoModel: 'modeling.X' });
    await symlink(join(root, 'outside.py'), join(linked, 'modeling.py'));
    await expect(findModelCode(linked)).rejects.toThrow(/a relative path that stays in this folder/);
    const imported = await folderWith({ AutoModel: 'modeling.X' }, { 'modeling.py': 'from .other import y' });
    await symlink('../outside.py', join(imported, 'other.py'));
    await expect(findModelCode(imported)).rejects.toThrow(/a relative path that stays in this folder/);
    const folder = await folderWith({ AutoModel: 'modeling.X' });
    await mkdir(join(folder, 'modeling.py'));
    await expect(findModelCode(folder)).rejects.toThrow(/modeling.py: found no file/);
    const inside = await folderWith({ AutoModel: 'modeling.X' }, { 'real.py': '' });
    await symlink('real.py', join(inside, 'modeling.py'));
    expect([...(await findModelCode(inside)).files.keys()]).toEqual(['modeling.py']);
  });
});
