import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { mergeModels, type PlanMergeOptions } from './merge-models.ts';
import { defineMethod } from './method.ts';
import { parseMergeRecipes } from './recipe/read-merge-recipe.ts';
import type { ExecuteOptions } from './stream/execute-plan.ts';
import { type ToyLlamaOptions, toyConfig, toyLlama, writeToyModel } from './testing/toy-model.ts';

let folder: string;
const paths: Record<string, string> = {};
const toy: ToyLlamaOptions = { hidden: 16, vocabulary: 37 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-'));
  for (const [name, seed] of [
    ['base', 0],
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const) {
    const options = { config: toyConfig(toy), dtype: 'bf16', shards: seed === 2 ? 2 : 1 } as const;
    paths[name] = await writeToyModel(join(folder, name), toyLlama({ ...toy, seed }), options);
  }
});

afterAll(() => rm(folder, { recursive: true }));

let count = 0;

async function merge(yaml: string, options: PlanMergeOptions & ExecuteOptions = {}): Promise<string> {
  const [recipe] = parseMergeRecipes(
    yaml.replace(/@(\w+)/g, (_, name: string) => paths[name]),
    'test.yaml',
  );
  count += 1;
  const out = join(folder, `out-${count}`);
  await mergeModels(recipe, out, { sync: false, ...options });
  return out;
}

async function tensorsOf(model: string): Promise<ReadonlyMap<string, Float32Array>> {
  const checkpoint = await openCheckpoint(model);
  const result = new Map<string, Float32Array>();
  for (const [name, { shape }] of checkpoint.tensors) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await checkpoint.readInto(name, values);
    result.set(name, values);
  }
  await checkpoint.close();
  return result;
}

async function digest(model: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(model)).sort()) hash.update(name).update(await readFile(join(model, name)));
  return hash.digest('hex');
}

const dareTies = `
merge_method: dare_ties
base_model: "@base"
models:
  - {model: "@a", parameters: {weight: 0.6, density: 0.5}}
  - {model: "@b", parameters: {weight: 0.3, density: 0.4}}
dtype: bfloat16
`;

describe('mergeModels', () => {
  it('averages every tensor of sharded and unsharded models', async () => {
    const out = await merge(
      '{merge_method: linear, models: [{model: "@a", parameters: {weight: 1}}, {model: "@b", parameters: {weight: 3}}], dtype: float32}',
    );
    const [a, b, merged] = await Promise.all([paths.a, paths.b, out].map(tensorsOf));
    expect([...merged.keys()].sort()).toEqual([...a.keys()].sort());
    for (const [name, values] of merged) {
      const expected = values.map((_, i) => (a.get(name)![i] + 3 * b.get(name)![i]) / 4);
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);
    }
  });

  it('gives the same bytes with any number of threads and any length of pieces', async () => {
    const results = [
      await merge(dareTies, { threads: 1 }),
      await merge(dareTies, { threads: 2 }),
      await merge(dareTies, { threads: 2, pieceLength: 64 }),
    ];
    const digests = await Promise.all(results.map(digest));
    expect(new Set(digests).size).toBe(1);
    // And another seed gives others.
    expect(await digest(await merge(`${dareTies}seed: 1`))).not.toBe(digests[0]);
  });

  it('runs a method of one’s own', async () => {
    const largest = defineMethod({
      name: 'largest',
      reference: 'this test',
      equation: 'theta = the theta_i of largest magnitude',
      base: 'none',
      models: [1, Number.POSITIVE_INFINITY],
      perModel: {},
      settings: {},
      merge: ({ write }) =>
        write(({ models }, out) => {
          for (let i = 0; i < out.length; i++) {
            out[i] = models.map((model) => model[i]).reduce((x, y) => (Math.abs(y) > Math.abs(x) ? y : x));
          }
        }),
    });
    const out = await merge('{merge_method: largest, models: [{model: "@a"}, {model: "@b"}]}', { methods: [largest] });
    const [a, b, merged] = await Promise.all([paths.a, paths.b, out].map(tensorsOf));
    const name = 'model.layers.1.mlp.down_proj.weight';
    const [x, y] = [a.get(name)!, b.get(name)!];
    expect([...merged.get(name)!]).toEqual([...x].map((value, i) => (Math.abs(y[i]) > Math.abs(value) ? y[i] : value)));
  });
});
