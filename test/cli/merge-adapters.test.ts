import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import { stream } from '../../src/random/stream.ts';
import { finery } from './finery.ts';

let cwd: string;
const layer = 'model.layers.0.self_attn.q_proj';

function adapterOf(seed: number, r: number, method: 'lora' | 'dora' = 'lora'): Adapter {
  const random = stream(seed, 'adapter');
  const values = (length: number) => Float32Array.from({ length }, () => random.normal());
  const magnitude = method === 'dora' ? { magnitude: values(8) } : {};
  return {
    settings: { method, r, alpha: 2 * r, targetModules: ['q_proj'] },
    modules: new Map([[layer, { a: values(r * 6), b: values(8 * r), ...magnitude }]]),
  };
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'finery-cli-adapters-'));
  await saveAdapter(join(cwd, 'first'), adapterOf(1, 2), { baseModel: 'owner/base' });
  await saveAdapter(join(cwd, 'second'), adapterOf(2, 3), { baseModel: 'owner/other' });
  await saveAdapter(join(cwd, 'dora'), adapterOf(3, 2, 'dora'));
});
afterAll(() => rm(cwd, { recursive: true }));

async function merge(lines: readonly string[], ...words: string[]) {
  await writeFile(join(cwd, 'adapters.yaml'), lines.join('\n'));
  return finery(['merge', 'adapters.yaml', ...words], { cwd });
}

const both = ['adapters: [first, second]', 'weights: [0.5, -1]'];

describe('finery merge of adapters', () => {
  it('plans without writing, and combines', async () => {
    const before = [...(await readdir(cwd)), 'adapters.yaml'].sort();
    const recipe = [...both, 'combination_type: cat', 'dtype: bfloat16'];
    const plan = await merge(recipe, 'cat', '--dry-run', '--json');
    expect(plan.code, plan.stderr).toBe(0);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      combination_type: 'cat',
      adapters: [
        { adapter: 'first', weight: 0.5, method: 'lora', r: 2, scale: 2, layers: 1 },
        { adapter: 'second', weight: -1, r: 3 },
      ],
      base_model: 'owner/base',
      r: 5,
      bytes: 2 * 5 * (6 + 8),
      largest_whole_layer_bytes: 0,
    });
    expect(plan.stderr).toContain('owner/base, owner/other');
    expect((await readdir(cwd)).sort()).toEqual(before);

    const made = await merge(recipe, 'cat', '--json');
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toEqual({ ...JSON.parse(plan.stdout), out: 'cat' });
    const { settings, modules } = await readAdapter(join(cwd, 'cat'));
    expect(settings).toMatchObject({ method: 'lora', r: 5, alpha: 5 });
    const [first, second] = [adapterOf(1, 2), adapterOf(2, 3)].map(({ modules: own }) => own.get(layer)!);
    const expected = [...first.a.map((value) => value), ...second.a.map((value) => -2 * value)];
    for (const [i, value] of modules.get(layer)!.a.entries()) expect(value / expected[i]).toBeCloseTo(1, 2);
    const config = JSON.parse(await readFile(join(cwd, 'cat', 'adapter_config.json'), 'utf8'));
    expect(config.base_model_name_or_path).toBe('owner/base');

    const again = await merge(recipe, 'cat');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('there already')]);
  });

  it('is an svd of the largest rank unless it is told otherwise', async () => {
    const plan = await merge(both, 'none', '--dry-run', '--json');
    expect(JSON.parse(plan.stdout)).toMatchObject({ combination_type: 'svd', r: 3 });
    const cut = await merge([...both, 'combination_type: ties_svd', 'density: 0.5', 'svd_rank: 4'], 'cut', '--json');
    expect(JSON.parse(cut.stdout)).toMatchObject({
      r: 4,
      largest_whole_layer_bytes: 4 * 6 * 8,
      decomposition_bytes: 8 * (2 * 36 + 4 * 14),
    });
    expect((await readAdapter(join(cwd, 'cut'))).settings.r).toBe(4);
  });

  it.each<[string, readonly string[], readonly string[], number, RegExp]>([
    ['a field that does not exist', [...both, 'svd_rnak: 2'], [], 2, /line 3, svd_rnak.*Did you mean "svd_rank"/s],
    ['a form that does not exist', [...both, 'combination_type: tise'], [], 2, /line 3, combination_type/],
    ['too few weights', [both[0], 'weights: [1]'], [], 2, /line 2, weights.*1 weights.*2, one for each/s],
    ['no weights', [both[0]], [], 2, /weights.*nothing/s],
    ['an option of another form', [...both, 'density: 0.5'], [], 2, /line 3, density.*svd has no density/s],
    ['no density', [...both, 'combination_type: dare_ties_svd'], [], 2, /density.*above 0 and at most 1/s],
    ['a rank of 0', [...both, 'svd_rank: 0'], [], 2, /line 3, svd_rank/],
    ['ranks that differ', [...both, 'combination_type: linear'], [], 2, /line 1, adapters.1.*rank 3/s],
    ['DoRA', ['adapters: [first, dora]', both[1]], [], 2, /line 1, adapters.1.*a DoRA adapter/s],
    ['no such folder', ['adapters: [first, nowhere]', both[1]], [], 3, /adapters.1: nowhere.*no such folder/s],
    ['what only models have', both, ['--threads', '2'], 2, /--threads.*a recipe of adapters/s],
  ])('refuses %s', async (_, lines, words, code, message) => {
    const outcome = await merge(lines, 'refused', ...words);
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringMatching(message)]);
    expect(await readdir(cwd)).not.toContain('refused');
  });

  it('keeps what the model is for, and refuses adapters of different kinds', async () => {
    const taskType = 'FEATURE_EXTRACTION';
    await saveAdapter(join(cwd, 'encoder'), adapterOf(4, 2), { taskType });
    const made = await merge(
      ['adapters: [encoder, encoder]', 'weights: [0.5, 0.5]', 'combination_type: linear'],
      'vectors',
    );
    expect(made.code, made.stderr).toBe(0);
    const config = JSON.parse(await readFile(join(cwd, 'vectors', 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ task_type: taskType, target_modules: ['self_attn.q_proj'] });
    const mixed = await merge(['adapters: [first, encoder]', 'weights: [1, 1]', 'combination_type: linear'], 'mixed');
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toMatch(/encoder.*task_type.*FEATURE_EXTRACTION.*CAUSAL_LM/s);
  });
});
