import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readManifest } from '../checkpoint/manifest.ts';
import { loadModel, saveModel } from './model.ts';

const golden = new URL('../../test/golden/decoders/', import.meta.url).pathname;
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-custom-code-'));
});
afterAll(() => rm(root, { recursive: true }));

const configOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

it('goes with a model that transformers does not have, in place of what the checkpoint named', async () => {
  const folder = join(root, 'qwen');
  const model = await loadModel(`${golden}qwen`);
  const published = { AutoConfig: 'configuration_qwen.QWenConfig', AutoModel: 'elsewhere--code.Model' };
  await saveModel(folder, { ...model, config: { ...model.config, auto_map: published } }, { dtype: 'f32' });
  const { auto_map: map, architectures } = configOf(folder);
  expect(Object.keys(map)).toEqual(['AutoConfig', 'AutoModelForCausalLM']);
  expect(map.AutoModelForCausalLM.split('.')[1]).toBe(architectures[0]);
  for (const reference of Object.values<string>(map)) {
    const [module, name] = reference.split('.');
    expect(readFileSync(join(folder, `${module}.py`), 'utf8')).toMatch(new RegExp(`^class ${name}\\(`, 'm'));
  }
  expect((await readManifest(folder)).files).toHaveProperty(['modeling_qwen.py']);
  const again = await loadModel(folder);
  expect(again.decoder.modelType).toBe('qwen');
});

it('has a member for every tensor of the checkpoint', async () => {
  const { decoder } = await loadModel(`${golden}qwen`);
  const code = readFileSync(new URL('../../assets/modeling/modeling_qwen.py', import.meta.url), 'utf8');
  const members = new Set([...code.matchAll(/self\.(\w+) = nn\.|self\.(\w+) = [A-Z]\w+\(/g)].map((m) => m[1] ?? m[2]));
  for (const { name } of decoder.parameters) {
    for (const part of name.split('.')) {
      if (/^\d+$|^bias$/.test(part)) continue;
      expect([...members], name).toContain(part);
    }
  }
});

it('does not go with others', async () => {
  const folder = join(root, 'llama');
  const model = await loadModel(`${golden}llama`);
  const config = { ...model.config, auto_map: { AutoModelForCausalLM: 'modeling_other.Model' } };
  await saveModel(folder, { ...model, config }, { dtype: 'f32' });
  expect(configOf(folder)).not.toHaveProperty('auto_map');
  expect(readdirSync(folder).filter((name) => name.endsWith('.py'))).toEqual([]);
});
