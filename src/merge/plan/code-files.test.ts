import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
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

  describe('and a tokenizer that comes from another', () => {
    const tokenizerOf = (folder: string, auto_map?: object): Readonly<Record<string, string>> => ({
      [`${folder}/tokenizer.json`]: JSON.stringify({
        model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
        added_tokens: [],
      }),
      [`${folder}/tokenizer_config.json`]: JSON.stringify({ auto_map }),
    });

    /** The model of the first, the tokenizer of the second. */
    async function mergeBoth(
      maps: { readonly first?: object; readonly second?: object },
      files: Readonly<Record<string, string>>,
    ) {
      const root2 = await mkdtemp(join(root, 'both-'));
      const names = ['first', 'second'] as const;
      for (const [seed, name] of names.entries()) {
        const config = { ...toyConfig(), model_type: 'x', auto_map: maps[name] };
        await writeToyModel(join(root2, name), toyLlama({ seed }), { config });
      }
      for (const [name, content] of Object.entries(files)) await writeFile(join(root2, name), content);
      const [first, second] = names.map((name) => join(root2, name));
      const yaml = `{merge_method: linear, models: [{model: ${first}}, {model: ${second}}], parameters: {weight: 1}, tokenizer_source: ${second}}`;
      const [recipe] = parseMergeRecipes(yaml, 'test.yaml');
      const { companions, config, warnings } = await planMerge(recipe);
      const code = [...companions]
        .filter(([name]) => name.endsWith('.py'))
        .map(([name, companion]) => [name, 'path' in companion && relative(root2, companion.path)]);
      return { code: Object.fromEntries(code), autoMap: config.auto_map, warnings };
    }

    it('has the code of the one and the tokenizer of the other', async () => {
      const { code, autoMap, warnings } = await mergeBoth(
        { first: { ...map, AutoTokenizer: 'tokenization_x.First' } },
        {
          'first/modeling_x.py': '',
          'first/configuration_x.py': '',
          'first/tokenization_x.py': 'first',
          'second/tokenization_x.py': 'from .bytes_x import table',
          'second/bytes_x.py': '',
          ...tokenizerOf('first', { AutoTokenizer: ['tokenization_x.First', null] }),
          ...tokenizerOf('second', { AutoTokenizer: ['tokenization_x.Second', null] }),
        },
      );
      expect(code).toEqual({
        'configuration_x.py': 'first/configuration_x.py',
        'modeling_x.py': 'first/modeling_x.py',
        'tokenization_x.py': 'second/tokenization_x.py',
        'bytes_x.py': 'second/bytes_x.py',
      });
      // Where the configuration of the tokenizer names no class, transformers would take this one.
      expect(autoMap).toEqual(map);
      expect(warnings).toEqual([]);
    });

    it('names the tokenizer where the other names it, and tells what it lacks', async () => {
      const { code, autoMap, warnings } = await mergeBoth(
        { second: { AutoTokenizer: 'tokenization_y.Second', AutoModel: 'modeling_y.Second' } },
        { 'first/unnamed.py': '', 'second/modeling_y.py': '', ...tokenizerOf('first'), ...tokenizerOf('second') },
      );
      expect([code, autoMap]).toEqual([{}, { AutoTokenizer: 'tokenization_y.Second' }]);
      expect(warnings).toEqual([
        expect.stringMatching(/second names tokenization_y.py in auto_map, which is not there/),
      ]);
    });

    it.each([
      ['the same file twice', 'shared', true],
      ['two files of one name', 'another', false],
    ])('may need %s', async (_, content, isFine) => {
      const outcome = mergeBoth(
        { first: map },
        {
          'first/modeling_x.py': '',
          'first/configuration_x.py': 'shared',
          'second/tokenization_x.py': 'from .configuration_x import XConfig',
          'second/configuration_x.py': content,
          ...tokenizerOf('first'),
          ...tokenizerOf('second', { AutoTokenizer: 'tokenization_x.Second' }),
        },
      );
      if (isFine) expect((await outcome).warnings).toEqual([]);
      else await expect(outcome).rejects.toThrow(/configuration_x.py: found code of the tokenizer that is not that of/);
    });
  });

  it('is refused before anything is written where a name leads out of the folder', async () => {
    const outcome = merge({ model_type: 'x', auto_map: { AutoModel: '../first.X' } }, {});
    await expect(outcome).rejects.toThrow(/auto_map.AutoModel: found "..\/first.X"/);
    expect((await readdir(root)).filter((name) => name === `out-${count - 1}`)).toEqual([]);
  });
});
