import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeModels } from '../merge-models.ts';
import { planMerge } from '../plan-merge.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';

let root: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-code-files-'));
});
afterAll(() => rm(root, { recursive: true }));

const map = { AutoConfig: 'configuration_x.XConfig', AutoModelForCausalLM: 'modeling_x.XModel' };

/** Merges two models of the same type, the first with these files, and reads what comes out. */
async function merge(config: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string>>) {
  const [first, second, out] = ['first', 'second', 'out'].map((name) => join(root, `${name}-${count}`));
  count += 1;
  await writeToyModel(first, toyLlama({ seed: 1 }), { config: { ...toyConfig(), ...config } });
  await writeToyModel(second, toyLlama({ seed: 2 }), { config: { ...toyConfig(), ...config, auto_map: undefined } });
  for (const [name, content] of Object.entries(files)) await writeFile(join(first, name), content);
  const yaml = `{merge_method: linear, models: [{model: ${first}}, {model: ${second}}], parameters: {weight: 1}}`;
  const [recipe] = parseMergeRecipes(yaml, 'test.yaml');
  const { warnings } = await planMerge(recipe);
  await mergeModels(recipe, out, { sync: false, threads: 0 });
  const code = (await readdir(out)).filter((name) => /\.(py|tiktoken)$/.test(name)).sort();
  const read = (name: string) => readFile(join(out, name), 'utf8');
  return { warnings, code, read, autoMap: JSON.parse(await read('config.json')).auto_map };
}

describe('a merge of models with code of their own', () => {
  it('has the code of the first, and a vocabulary that goes with it', async () => {
    const files = {
      'modeling_x.py': 'from .configuration_x import XConfig\n',
      'configuration_x.py': 'class XConfig: pass\n',
      'other.py': '',
      'x.tiktoken': 'eA== 0\n',
    };
    const { code, read, warnings, autoMap } = await merge({ model_type: 'x', auto_map: map }, files);
    expect(code).toEqual(['configuration_x.py', 'modeling_x.py', 'x.tiktoken']);
    expect(await read('modeling_x.py')).toBe(files['modeling_x.py']);
    expect(autoMap).toEqual(map);
    expect(warnings).toEqual([]);
  });

  it('is told about what is missing', async () => {
    const { code, warnings } = await merge({ model_type: 'x', auto_map: map }, { 'modeling_x.py': '' });
    expect(code).toEqual(['modeling_x.py']);
    expect(warnings).toEqual([expect.stringMatching(/names configuration_x.py in auto_map, which is not there/)]);
  });

  it.each([
    ['nothing', undefined],
    [
      'files that are missing',
      { AutoModelForCausalLM: 'modeling_qwen.QWenLMHeadModel', AutoConfig: 'configuration_qwen.Q' },
    ],
  ])('has our code where we have it and the model names %s', async (_, auto_map) => {
    const { code, read, warnings, autoMap } = await merge({ model_type: 'qwen', auto_map }, {});
    expect([code, warnings]).toEqual([['modeling_qwen.py'], []]);
    expect(await read('modeling_qwen.py')).toMatch(/^class QWenLMHeadModel\(/m);
    expect(autoMap).toEqual({
      AutoConfig: 'modeling_qwen.QWenConfig',
      AutoModelForCausalLM: 'modeling_qwen.QWenLMHeadModel',
    });
  });

  it("keeps the model's own code where only its tokenizer lacks some, and says what", async () => {
    const auto_map = { AutoModelForCausalLM: 'modeling_qwen.Theirs' };
    const tokenizer = { auto_map: { AutoTokenizer: ['tokenization_qwen.QWenTokenizer', null] } };
    const files = { 'modeling_qwen.py': 'class Theirs: pass\n', 'tokenizer_config.json': JSON.stringify(tokenizer) };
    const { read, warnings, autoMap } = await merge({ model_type: 'qwen', auto_map }, files);
    expect(await read('modeling_qwen.py')).toBe(files['modeling_qwen.py']);
    expect(autoMap).toEqual(auto_map);
    expect(warnings).toEqual([expect.stringMatching(/names tokenization_qwen.py in auto_map/)]);
  });

  it('is refused before anything is written where a name leads out of the folder', async () => {
    const outcome = merge({ model_type: 'x', auto_map: { AutoModel: '../first.X' } }, {});
    await expect(outcome).rejects.toThrow(/auto_map.AutoModel: found "..\/first.X"/);
    expect((await readdir(root)).filter((name) => name === `out-${count - 1}`)).toEqual([]);
  });
});
