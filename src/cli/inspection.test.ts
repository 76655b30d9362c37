import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExportSource } from '../export/export-source.ts';
import { saveGguf } from '../export/save-gguf.ts';
import { inspectModel } from './inspection.ts';

const golden = (name: string): string => new URL(`../../test/golden/encoders/${name}`, import.meta.url).pathname;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-inspection-'));
});
afterEach(() => rm(root, { recursive: true }));

async function inGguf(name: string): Promise<string> {
  const path = join(root, `${name}.gguf`);
  const source = await openExportSource(golden(name));
  await saveGguf(path, source, { dtype: 'f32' });
  await source.close();
  return path;
}

/** A copy of a golden encoder with other values in its configuration. */
async function withConfig(name: string, changes: object): Promise<string> {
  const folder = join(root, name);
  await cp(golden(name), folder, { recursive: true });
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }));
  return folder;
}

describe('an encoder', () => {
  it.each([
    ['bge', 'bert', { pooling: 'cls', normalize: true, maxLength: 40 }],
    ['e5', 'xlm-roberta', { pooling: 'mean', normalize: true }],
    ['minilm', 'bert', { pooling: 'mean', normalize: true }],
    ['roberta-masked', 'roberta', { pooling: 'mean', normalize: false }],
  ])('is described and found whole, in a folder and in a GGUF file: %s', async (name, modelType, vectors) => {
    const folder = await inspectModel(golden(name), { weights: true });
    expect(folder).toMatchObject({ architecture: { modelType, layers: 2 }, errors: [], vectors });
    expect(folder.architecture).not.toHaveProperty('tied');
    const file = await inspectModel(await inGguf(name), { weights: true });
    expect(file).toMatchObject({ errors: [], vectors: { pooling: vectors.pooling }, tokenizer: folder.tokenizer });
    // Neither what is carried for others nor a head is in the file, nor are the rows of positions that nothing reads.
    expect(file.architecture?.parameters).toBe(file.elements);
    expect(file.conversion).not.toHaveProperty('tied');
  });

  it('is told what a checkpoint has beside it: a head of pretraining changes nothing', async () => {
    const { warnings } = await inspectModel(golden('roberta-masked'));
    expect(warnings.join()).toMatch(/"lm_head.bias".* changes nothing/);
  });

  it.each([
    ['weights of another width', { intermediate_size: 44 }, /intermediate.dense.bias".*shape \[40\].*\[44\]/],
    ['fewer layers than it says', { num_hidden_layers: 3 }, /no tensor "encoder.layer.2/],
    ['more layers than it says', { num_hidden_layers: 1 }, /no place for/],
    ['a carried tensor of another shape', { hidden_size: 28 }, /shape \[/],
    ['a field of unknown effect', { position_embedding_type: 'relative_key' }, /position_embedding_type/],
  ])('is not found whole with %s', async (_, changes, message) => {
    const { errors } = await inspectModel(await withConfig('bge', changes));
    expect(errors.map(({ message: text }) => text).join('\n')).toMatch(message);
  });

  it('lies where modules.json says', async () => {
    const folder = join(root, 'sentences');
    await cp(golden('bge'), join(folder, '0_Transformer'), { recursive: true });
    await cp(golden('bge/1_Pooling'), join(folder, '1_Pooling'), { recursive: true });
    const modules = [
      { path: '0_Transformer', type: 'sentence_transformers.models.Transformer' },
      { path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    ];
    await writeFile(join(folder, 'modules.json'), JSON.stringify(modules));
    expect(await inspectModel(folder)).toMatchObject({
      architecture: { modelType: 'bert' },
      errors: [],
      vectors: { pooling: 'cls', normalize: false },
    });
  });
});

it('calls what a decoder has, and a decoder of vectors, what they are', async () => {
  const { architecture, errors, vectors } = await inspectModel(golden('qwen3'));
  expect(errors).toEqual([]);
  expect(architecture).toMatchObject({ modelType: 'qwen3', tied: true });
  expect(vectors).toMatchObject({ pooling: 'last' });
});
