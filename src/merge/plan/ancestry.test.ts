import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { planMerge } from '../plan-merge.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { type ToyTensors, writeToyModel } from '../testing/toy-model.ts';
import { measureAncestry } from './ancestry.ts';

const hidden = 96;
let folder: string;

/** Matrices of three layers: a share of the base's weights, and normal ones of their own. */
function model(seed: number, ofBase: number, own: number): ToyTensors {
  const [common, drawn] = [stream(0, 'ancestry test'), stream(seed, 'ancestry test')];
  const values = () =>
    Float32Array.from({ length: hidden * hidden }, () => ofBase * common.normal() + own * drawn.normal());
  const matrix = (layer: number) => [
    `model.layers.${layer}.mlp.up_proj.weight`,
    { shape: [hidden, hidden], values: values() },
  ];
  return Object.fromEntries([0, 1, 2].map(matrix));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-ancestry-'));
  const write = (name: string, tensors: ToyTensors) =>
    writeToyModel(join(folder, name), tensors, { config: { num_hidden_layers: 3 }, dtype: 'bf16' });
  await write('base', model(1, 1, 0));
  await write('tuned', model(2, 1, 0.05));
  await write('moved', model(6, 1, 0.4));
  await write('retrained', model(3, 1, 1));
  await write('ruined', model(7, 1, 1.56));
  await write('stranger', model(4, 0, 1));
  await write('faint stranger', model(5, 0, 0.1));
  const constant = (value: number): ToyTensors =>
    Object.fromEntries(
      Object.entries(model(1, 0, 0)).map(([name, { shape, values }]) => [
        name,
        { shape, values: Array.from(values, () => value) },
      ]),
    );
  await write('constant', constant(1));
  await write('also constant', constant(1.25));
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

async function plan(name: string, { base = 'base', strict = false, method = 'task_arithmetic' } = {}) {
  const models = [{ model: name, parameters: { weight: 1 } }];
  const [recipe] = parseMergeRecipes(JSON.stringify({ merge_method: method, base_model: base, models }), 'test.yaml');
  return planMerge(recipe, { resolve: async (reference) => join(folder, reference), strict });
}

describe('a base', () => {
  it.each([
    ['tuned', 0.05, Math.hypot(Math.SQRT2, 0.05)],
    ['retrained', 1, Math.sqrt(3)],
    ['stranger', Math.SQRT2, Math.SQRT2],
    ['faint stranger', Math.sqrt(1.01), Math.sqrt(1.01)],
  ])('lies at the distance of two sums of normal weights from %s', async (name, distance, shuffled) => {
    const [found] = measureAncestry((await plan(name)).jobs);
    expect(found.distance).toBeCloseTo(distance, 1);
    expect(found.shuffled).toBeCloseTo(shuffled, 1);
  });

  it.each(['tuned', 'moved'])('is an ancestor of a model that was trained from it: %s', async (name) => {
    expect((await plan(name, { strict: true })).warnings).toEqual([]);
  });

  it.each([
    ['retrained', '1\\.0'],
    ['ruined', '1\\.[56]'],
  ])('that %s comes from is one, but far: a warning, also where strict', async (name, distance) => {
    const { warnings } = await plan(name, { strict: true });
    expect(warnings).toHaveLength(1);
    const begin = new RegExp(
      `^${name}: weights ${distance}\\d times the norm of base away .*: it comes from base, but `,
    );
    expect(warnings[0]).toMatch(begin);
  });

  it('is no ancestor of a stranger, whatever its size: a warning with the number, and refused where strict', async () => {
    const { warnings } = await plan('stranger');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^stranger: weights 1\.4\d times the norm of base away .* base is no ancestor of it\.$/,
    );
    expect((await plan('faint stranger')).warnings).toHaveLength(1);
    await expect(plan('stranger', { strict: true })).rejects.toThrow(
      /model stranger: found weights 1\.4\d .*expected a model that was trained from base: at most 0.5/,
    );
  });

  it('of weights that are all alike is near its models in any order', async () => {
    expect((await plan('also constant', { base: 'constant', strict: true })).warnings).toEqual([]);
  });

  it('that the method does not look at is not judged', async () => {
    expect((await plan('stranger', { method: 'linear', strict: true })).warnings).toEqual([]);
  });
});
