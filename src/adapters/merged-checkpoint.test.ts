import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExportSource } from '../export/export-source.ts';
import { saveGguf as writeGguf } from '../export/save-gguf.ts';
import { saveOnnx as writeOnnx } from '../export/save-onnx.ts';
import { loadModel } from '../models/model.ts';
import { streamedModel } from '../models/streamed-model.ts';
import type { Adapter } from './adapter.ts';
import { openMergedCheckpoint } from './merged-checkpoint.ts';
import { mergeIntoFolder } from './save-merged.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const base = fileURLToPath(new URL('../../test/golden/decoders/qwen2', import.meta.url));
let scratch: string;
let adapter: Adapter;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'finery-merged-checkpoint-'));
  const settings = { method: 'dora', r: 4, alpha: 8, targetModules: 'all-linear' } as const;
  ({ adapter } = randomAdapter(await loadModel(base), settings));
  await mergeIntoFolder(base, [{ adapter }], join(scratch, 'merged'), { dtype: 'f32' });
});
afterAll(() => rm(scratch, { recursive: true }));

async function saveGguf(path: string, adapters: readonly { adapter: Adapter }[], name: string) {
  const source = await openExportSource(path, { adapters });
  // The name of the file is in the file.
  const file = join(await mkdtemp(join(scratch, name)), 'model.gguf');
  await writeGguf(file, source, { dtype: 'q8_0' });
  await source.close();
  return readFile(file);
}

async function saveOnnx(path: string, adapters: readonly { adapter: Adapter }[], name: string) {
  const source = await openExportSource(path, { adapters });
  await writeOnnx(join(scratch, name), source, { forms: ['q4'] });
  await source.close();
  const files = (await readdir(join(scratch, name, 'onnx'))).sort();
  return Promise.all(files.map((file) => readFile(join(scratch, name, 'onnx', file))));
}

describe('a model that is merged while it is read', () => {
  it.each([
    ['a GGUF file', saveGguf],
    ['an ONNX folder', saveOnnx],
  ])('gives %s with the bytes of the merged folder', async (_, save) => {
    const merged = await save(join(scratch, 'merged'), [], `${save.name}-whole`);
    expect(await save(base, [{ adapter }], `${save.name}-read`)).toEqual(merged);
    expect(await save(base, [], `${save.name}-base`)).not.toEqual(merged);
  });

  it('ends when it is told to, and refuses an adapter of another model', async () => {
    const model = await openMergedCheckpoint(base, [{ adapter }]);
    const { valuesOf } = streamedModel(model, AbortSignal.abort());
    await expect(valuesOf('model.norm.weight')).rejects.toThrow(/aborted/);
    await model.checkpoint.close();
    const other = join(base, '../gpt2');
    await expect(openMergedCheckpoint(other, [{ adapter }])).rejects.toThrow(/the model has no such linear layer/);
  });
});
