import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatHeader } from '../../src/checkpoint/safetensors/header.ts';

const models = ['base', 'a', 'b', 'c', 'd'];
const tensor = { shape: [2 ** 17, 2 ** 11], bytes: 2 ** 29 };

let folder: string;

/** A file of zeroes that takes no room on the disk, under the names of five models. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-memory-'));
  const { shape, bytes } = tensor;
  const entry = { dtype: 'bf16', shape, begin: 0, end: bytes } as const;
  const header = formatHeader({
    tensors: new Map([['model.layers.0.mlp.up_proj.weight', entry]]),
    metadata: new Map(),
  });
  for (const name of models) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'config.json'), '{"model_type": "llama", "num_hidden_layers": 1}');
    const path = join(folder, name, 'model.safetensors');
    if (name !== 'base') {
      await link(join(folder, 'base', 'model.safetensors'), path);
      continue;
    }
    const file = await open(path, 'w');
    await file.write(header);
    await file.truncate(header.length + bytes);
    await file.close();
  }
  const others = models.slice(1).map((model) => ({ model, parameters: { weight: 0.2, density: 0.5 } }));
  const recipe = { merge_method: 'ties', base_model: 'base', models: others, dtype: 'bfloat16' };
  await writeFile(join(folder, 'merge.yaml'), JSON.stringify(recipe));
});

afterAll(() => rm(folder, { recursive: true }));

it.runIf(process.platform === 'linux')('a merge holds pieces of its models, however large a tensor is', async () => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../merge/merge-child.mjs', import.meta.url)), 'out', '1', 'dist'],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  let peak = 0;
  const sampler = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const bytes = (field: string): number => 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    peak = Math.max(peak, bytes('RssAnon') + bytes('RssShmem'));
  }, 20);
  const [code] = await once(child, 'close');
  clearInterval(sampler);
  expect(code).toBe(0);
  expect(await readdir(join(folder, 'out'))).toContain('model.safetensors');
  // The process itself, and 4 MB for each model, the result and one array more.
  expect(peak).toBeGreaterThan(10e6);
  expect(peak).toBeLessThan(64e6 + 4e6 * (models.length + 2));
});
