import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { readManifest, verifyManifest } from '../checkpoint/manifest.ts';
import { writeSafetensors } from '../checkpoint/safetensors/write.ts';
import { loadModel, saveModel } from '../models/model.ts';
import { type ExtendModelOptions, extendModel } from './extend-model.ts';
import { callTied, writeToyModel } from './testing/toy-models.ts';

let root: string;
let out: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-extend-'));
  out = join(root, 'longer');
});

afterEach(() => rm(root, { recursive: true }));

const text = 'the sun rose over the hills and the river ran';
const domain = Array.from({ length: 12 }, () => 'EBITDA margins of the swaptions');
const embedding = 'model.embed_tokens.weight';

const extend = (folder: string, options: Partial<ExtendModelOptions> = {}) =>
  extendModel(folder, domain, out, { tokens: 100, ...options });

const row = (table: Float32Array, id: number): Float32Array => table.subarray(id * 16, (id + 1) * 16);

/** Columns of the mean of some rows, in float64. */
const meanOfRows = (table: Float32Array, ids: readonly number[]): number[] =>
  Array.from({ length: 16 }, (_, column) => ids.reduce((sum, id) => sum + table[id * 16 + column] / ids.length, 0));

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i])))).toBeLessThan(1e-6);
}

describe('extendModel', () => {
  it.each([true, false])('gives new tokens the mean of their pieces; tied: %s', async (tied) => {
    const folder = join(root, 'model');
    const before = await writeToyModel(folder, text, { tie_word_embeddings: tied });
    const { added, rows } = await extend(folder);
    const after = await loadModel(out);
    const names = tied ? [embedding] : [embedding, 'lm_head.weight'];
    const known = before.tokenizer!.vocabSize;
    expect(rows).toBe(known + added.length);
    expect(added.length).toBeGreaterThan(10);
    expect(after.tokenizer!.encode('EBITDA', { addSpecialTokens: false })).toHaveLength(1);
    expect(after.parameters.has('lm_head.weight')).toBe(!tied);
    for (const [name, { weight }] of after.parameters) {
      const old = before.parameters.get(name)!.weight;
      expect(weight.subarray(0, old.length), name).toEqual(old);
      if (!names.includes(name)) expect(weight.length).toBe(old.length);
      else for (const { id, pieces } of added) expectClose(row(weight, id), meanOfRows(old, pieces));
    }
    expect(after.config).toEqual({ ...(await openConfig(folder)), vocab_size: rows });
    await verifyManifest(out, await readManifest(out));
    const generation = (path: string) => readFile(join(path, 'generation_config.json'), 'utf8').then(JSON.parse);
    expect(await generation(out)).toEqual(await generation(folder));
  });

  it('keeps a head that is a table of its own although it is called tied, and says so', async () => {
    const folder = join(root, 'model');
    const before = await writeToyModel(folder, text, { tie_word_embeddings: false });
    await callTied(folder);
    const { added, warnings } = await extend(folder);
    expect(warnings.join()).toMatch(/lm_head.weight is another table than the embedding/);
    const after = await loadModel(out);
    expect(after.warnings).toEqual([]);
    expect(after.config.tie_word_embeddings).toBe(false);
    for (const name of [embedding, 'lm_head.weight']) {
      const [old, { weight }] = [before.parameters.get(name)!.weight, after.parameters.get(name)!];
      expect(weight.subarray(0, old.length), name).toEqual(old);
      for (const { id, pieces } of added) expectClose(row(weight, id), meanOfRows(old, pieces));
    }
  });

  it('gives the copy of a tied table the same rows', async () => {
    const folder = join(root, 'model');
    const model = await writeToyModel(folder, text, { tie_word_embeddings: false });
    model.parameters.get('lm_head.weight')!.weight.set(model.parameters.get(embedding)!.weight);
    await saveModel(folder, model, { dtype: 'f32', replace: true });
    await callTied(folder);
    const { warnings } = await extend(folder, { rows: 'random' });
    expect(warnings).toEqual([]);
    const after = await openCheckpoint(out);
    expect(after.config.tie_word_embeddings).toBe(true);
    expect(await after.areEqual(embedding, 'lm_head.weight')).toBe(true);
    await after.close();
  });

  it('refuses a head that is quantised, also where it is called tied', async () => {
    const folder = join(root, 'model');
    const model = await writeToyModel(folder, text, { tie_word_embeddings: true });
    const { shape, weight: data } = model.parameters.get(embedding)!;
    const plain = [...model.parameters.values()].map((one) => ({ ...one, dtype: 'f32' as const, data: one.weight }));
    const packed = { name: 'lm_head.qweight', shape, dtype: 'f32' as const, data };
    await writeSafetensors(join(folder, 'model.safetensors'), [...plain, packed]);
    await callTied(folder);
    await expect(extend(folder)).rejects.toThrow(/tensor "lm_head.weight": found no such tensor/);
  });

  it('uses up padding before tables grow, and pads to a multiple where it is told to', async () => {
    const folder = join(root, 'model');
    const before = await writeToyModel(folder, text, { rows: 600 });
    const { rows, added } = await extend(folder);
    expect(rows).toBe(600);
    const table = (await loadModel(out)).parameters.get(embedding)!.weight;
    const old = before.parameters.get(embedding)!.weight;
    expectClose(row(table, added[0].id), meanOfRows(old, added[0].pieces));
    expect(row(table, 599)).toEqual(row(old, 599));

    out = join(root, 'padded');
    const known = before.tokenizer!.vocabSize;
    const { rows: padded } = await extend(folder, { tokens: 3, padToMultipleOf: 512 });
    expect(padded).toBe(512);
    out = join(root, 'wider');
    expect((await extend(folder, { tokens: 3, padToMultipleOf: 1024 })).rows).toBe(1024);
    const wide = (await loadModel(out)).parameters.get(embedding)!.weight;
    expectClose(row(wide, 1023), meanOfRows(old, [...Array(known).keys()]));
  });

  it('can begin with other rows', async () => {
    const folder = join(root, 'model');
    const before = await writeToyModel(folder, text);
    const old = before.parameters.get(embedding)!.weight;
    const known = before.tokenizer!.vocabSize;
    const rowsOf = async (rows: ExtendModelOptions['rows'], seed = 0, take = 1): Promise<Float32Array> => {
      out = join(root, `${rows}-${seed}-${take}`);
      await extend(folder, { rows, seed });
      return (await loadModel(out)).parameters.get(embedding)!.weight.subarray(known * 16);
    };
    expect((await rowsOf('zero')).every((value) => value === 0)).toBe(true);
    const all = meanOfRows(old, [...Array(known).keys()]);
    expectClose((await rowsOf('mean')).subarray(0, 16), all);
    const random = await rowsOf('random');
    expect(random).toEqual(await rowsOf('random', 0, 2));
    expect(random).not.toEqual(await rowsOf('random', 1));
    const spread = (values: Float32Array) =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(spread(random) / spread(old)).toBeGreaterThan(0.8);
    expect(spread(random) / spread(old)).toBeLessThan(1.2);
    expect(row(random, 0)).not.toEqual(row(random, 1));
  });

  it('keeps shards and element types, and every other tensor byte by byte', async () => {
    const model = await writeToyModel(join(root, 'model'), text);
    const folder = join(root, 'sharded');
    await saveModel(folder, model, { dtype: 'bf16', shardBytes: 20_000 });
    await extend(folder);
    const [before, after] = [await openCheckpoint(folder), await openCheckpoint(out)];
    try {
      expect(after.warnings).toEqual([]);
      expect([...after.tensors.keys()].sort()).toEqual([...before.tensors.keys()].sort());
      const files = new Set<string>();
      for (const [name, { dtype, begin, end }] of before.tensors) {
        expect(after.tensors.get(name)!.dtype).toBe(dtype);
        files.add(after.locate(name).path);
        if (name === embedding || name === 'lm_head.weight') continue;
        expect(await after.readBytes(name, 0, end - begin)).toEqual(await before.readBytes(name, 0, end - begin));
      }
      expect(files.size).toBeGreaterThan(1);
    } finally {
      await before.close();
      await after.close();
    }
  });

  it('refuses what is there already, and a folder whose table is of another size', async () => {
    const folder = join(root, 'model');
    await writeToyModel(folder, text);
    const unread: Iterable<string> = {
      [Symbol.iterator]() {
        throw new Error('documents were read');
      },
    };
    await expect(extendModel(folder, unread, folder, { tokens: 5 })).rejects.toThrow(/something there already/);
    await expect(extend(folder, { padToMultipleOf: 0 })).rejects.toThrow(/padToMultipleOf: found 0/);
    await expect(extend(folder, { minFrequency: Number.NaN })).rejects.toThrow(/minFrequency: found NaN/);
    await expect(extendModel(folder, ['the sun'], out, { tokens: 5 })).rejects.toThrow(/1 of them, and no pair/);
    await expect(extendModel(join(root, 'none'), domain, out, { tokens: 5 })).rejects.toThrow(/no such file/);
  });
});

const openConfig = (folder: string) => readFile(join(folder, 'config.json'), 'utf8').then(JSON.parse);
