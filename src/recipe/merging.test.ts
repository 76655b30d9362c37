/** Recipes that merge: what they may say, and a small one run from end to end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { loadModel, type Model } from '../models/model.ts';
import { fieldPath } from './field-path.ts';
import { planRun } from './plan/plan-run.ts';
import { dependentsOf, planStages } from './plan/plan-stages.ts';
import { rebasePaths } from './rebase-paths.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { runRecipe } from './run-recipe.ts';
import type { Recipe } from './schema/recipe.ts';
import { selectStages } from './select-stages.ts';

const resolve = (document: unknown): Recipe => checkRecipe(document, fieldName);

const models = [
  { model: 'finance', parameters: { weight: 1 } },
  { model: 'chat', parameters: { weight: 0.5 } },
];
const sum = (changes: JsonObject = {}): JsonObject => ({
  merge_method: 'task_arithmetic',
  base_model: 'base',
  models,
  ...changes,
});
const written = (merge: JsonObject, stage: JsonObject = {}): JsonObject => ({
  name: 'small',
  seed: 7,
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.jsonl'] }, chats: { conversations: { files: ['chats.jsonl'] } } },
  stages: [
    { name: 'finance', cpt: {} },
    { name: 'chat', from: 'base', sft: {} },
    { name: 'both', merge, ...stage },
    { name: 'more', cpt: {} },
  ],
});
const mergeOf = ({ stages }: Recipe) => {
  const found = stages.find((stage) => 'merge' in stage);
  if (found === undefined || !('merge' in found)) throw new Error('no merge');
  return found;
};

describe('a recipe with a merge', () => {
  it('compares with the base of the task vectors, is judged by what it merges, and goes on from there', () => {
    const recipe = resolve(written(sum()));
    expect(recipe.stages[2]).toMatchObject({
      from: 'base',
      merge: { seed: 7, dtype: 'float32' },
      gate: { metrics: ['bits_per_byte/text', 'bits_per_byte/chats'] },
    });
    expect(recipe.stages[3].from).toBe('both');
    expect(JSON.stringify(resolve(recipe))).toBe(JSON.stringify(recipe));
    expect(mergeOf(resolve(written(sum({ base_model: 'chat', models: [models[0]] })))).from).toBe('chat');
  });

  it('keeps folders, and leaves stages and models of the hub, when it is seen from elsewhere', () => {
    const others = [...models, { model: './chat' }, { model: 'owner/name' }, { model: '../x/base+./lora' }];
    const moved = mergeOf(rebasePaths(resolve(written(sum({ models: others }))), { from: '/a/b', to: '/a' }));
    const named = moved.merge.models?.map(({ model }) => model);
    expect(named).toEqual(['finance', 'chat', 'b/chat', 'owner/name', 'x/base+b/lora']);
    const up = mergeOf(
      rebasePaths(resolve(written(sum({ models: [{ model: 'x/y/chat' }] }))), { from: '/a', to: '/a/x/y' }),
    );
    expect(up.merge.models?.[0].model).toBe('./chat');
  });

  it('takes what a skipped stage started from', () => {
    const { merge } = mergeOf(selectStages(resolve(written(sum())), { skip: ['chat'] }));
    expect(merge.models?.map(({ model }) => model)).toEqual(['finance', 'base']);
  });

  it('has another result where a model of it has, and none where what it is compared with has', () => {
    const inputs = {
      base: 'base',
      data: new Map([
        ['text', 'data'],
        ['chats', 'chats'],
      ]),
      measuring: '',
      tasks: new Map(),
      folders: new Map([['./other', 'other']]),
    };
    const key = (recipe: Recipe, changes: Partial<typeof inputs> = {}) =>
      planStages(recipe, { ...inputs, ...changes })[2].result.key;
    const recipe = resolve(written(sum({ models: [...models, { model: './other', parameters: { weight: 1 } }] })));
    const keys = [
      key(recipe),
      key(recipe, { base: 'another' }),
      key(recipe, { data: new Map([...inputs.data, ['chats', 'other chats']]) }),
      key(recipe, { folders: new Map([['./other', 'changed']]) }),
      key({
        ...recipe,
        stages: recipe.stages.with(2, { ...mergeOf(recipe), merge: { ...mergeOf(recipe).merge, seed: 8 } }),
      }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key({ ...recipe, stages: recipe.stages.with(2, { ...mergeOf(recipe), from: 'finance' }) })).toBe(keys[0]);
    const affected = (name: string) => dependentsOf(name, planStages(recipe, inputs)).map(({ stage }) => stage.name);
    expect(affected('chat')).toEqual(['chat', 'both', 'more']);
    expect(affected('finance')).toEqual(['finance', 'both', 'more']);
  });

  it.each([
    [
      'a name that is no stage',
      sum({ models: [{ model: 'finanse' }] }),
      'merge.models.0.model',
      /"finanse"/,
      /"finance"/,
    ],
    ['a word for a folder', sum({ models: [{ model: 'mistral' }] }), 'merge.models.0.model', /"mistral"/, /\.\/model/],
    ['a later stage', sum({ base_model: 'more' }), 'merge.base_model', /comes later/, /before/],
    ['itself', sum({ base_model: 'both' }), 'merge.base_model', /itself/, /starts from/],
    [
      'a source of a slice',
      { merge_method: 'passthrough', slices: [{ sources: [{ model: 'fin', layer_range: [0, 1] }] }] },
      'merge.slices.0.sources.0.model',
      /"fin"/,
      /./,
    ],
    ['two forms', sum({ slices: [{ sources: [{ model: 'chat' }] }] }), 'merge.slices', /models and slices/, /one/],
    ['an unknown field', sum({ merge_metod: 'ties' }), 'merge.merge_metod', /unknown/, /merge_method/],
  ])('refuses %s', (_, merge, field, found, fix) => {
    let error: unknown;
    try {
      resolve(written(merge));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    const { problem } = error as UsageError;
    expect(problem).toMatchObject({
      field: `stages.2.${field}`,
      found: expect.stringMatching(found),
      fix: expect.stringMatching(fix),
    });
  });
});

describe('a merge in a run', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'finery-merging-'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const { init } = tinyRecipe({}).base as { init: { config: JsonObject } };
  const batch = { rows: 4, length: 192 };
  const evaluation = { every: null };
  const document = (merge: JsonObject): JsonObject =>
    tinyRecipe(
      {},
      {
        base: { init: { ...init, config: { ...init.config, max_position_embeddings: 192 } } },
        evaluation: { bits_per_byte: { length: 192 } },
        data: {
          finance: { finworld: { world: 'finance', documents: 40, held_out_documents: 4 } },
          general: { finworld: { world: 'general', documents: 40, held_out_documents: 4 } },
          asked: { finworld_questions: { kinds: ['sentiment'], questions: 60, held_out_questions: 9 } },
        },
        stages: [
          { name: 'finance', cpt: { mixture: { finance: 1 }, tokens: 6144, batch, learning_rate: 5e-3, evaluation } },
          { name: 'chat', from: 'base', sft: { batch, learning_rate: 5e-3, evaluation } },
          { name: 'both', merge, gate: { tolerance: 1 } },
          { name: 'more', cpt: { mixture: { general: 1 }, tokens: 768, batch, evaluation } },
        ],
      },
    );

  async function run(name: string, merge: JsonObject) {
    const said: string[] = [];
    const summary = await runRecipe(
      { recipe: resolve(document(merge)), folder: root },
      {
        out: join(root, name),
        cacheDir: join(root, 'cache'),
        onProgress: () => {},
        onWarning: (message) => said.push(message),
        onPart: (title) => said.push(title),
        onMemory: () => {},
        commands: [],
      },
    );
    return { summary, said };
  }
  const checkpoint = (name: string): Promise<Model> => loadModel(join(root, 'run', 'stages', name, 'checkpoint'));

  it('adds what two stages learnt to what they started from, measures and reports it, and does it once', async () => {
    const { summary } = await run('run', sum());
    const base = await checkpoint('00-base');
    const [finance, chat, both] = await Promise.all(['01-finance', '02-chat', '03-both'].map(checkpoint));
    for (const [name, { weight }] of both.parameters) {
      const [b, f, c] = [base, finance, chat].map(({ parameters }) => parameters.get(name)!.weight);
      const worst = weight.reduce((most, value, i) => {
        return Math.max(most, Math.abs(value - (b[i] + (f[i] - b[i]) + 0.5 * (c[i] - b[i]))));
      }, 0);
      expect(worst).toBeLessThan(1e-6);
    }
    expect(summary.measurements.map(({ at }) => at)).toEqual(['base', 'finance', 'chat', 'both', 'more']);
    const [, first, second, merged] = summary.measurements;
    expect(merged.tokensSeen).toBe(first.tokensSeen + second.tokensSeen);
    expect(summary.merges).toMatchObject([
      { name: 'both', from: 'base', method: 'task_arithmetic', models: ['finance', 'chat', 'base'] },
    ]);
    // Both vectors help what they were made for.
    const bits = (index: number, set: string) =>
      summary.measurements[index].sets.find(({ name }) => name === set)!.value;
    for (const set of ['finance', 'asked']) expect(bits(3, set)).toBeLessThan(0.95 * bits(0, set));
    expect(summary.merges[0].gate?.metrics.filter(({ own }) => own).map(({ metric }) => metric)).toEqual([
      'bits_per_byte/finance',
      'bits_per_byte/asked',
    ]);
    const [report, card] = ['report.html', 'MODEL_CARD.md'].map((name) =>
      readFileSync(join(root, 'run', name), 'utf8'),
    );
    expect(report).toContain('both merges finance, chat and base by task_arithmetic');
    expect(card).toContain('merge\\_method'.replace('\\', ''));

    const again = await run('run', sum());
    expect(again.said).toContain('both: finished before');
  });

  it('is planned before anything is trained, and refused where the run could not go on with its result', async () => {
    const options = {
      out: join(root, 'run'),
      cacheDir: join(root, 'cache'),
      selection: { until: 'both' },
      onProgress: () => {},
      onWarning: () => {},
    };
    const placeOf = (field: string) => `small.yaml, ${fieldPath(resolve(document(sum())), field)?.join('.')}`;
    const plan = (merge: JsonObject) => planRun({ recipe: resolve(document(merge)), folder: root, placeOf }, options);
    // Only the merge is another one.
    const { stages } = await plan(sum({ parameters: { lambda: 0.5 } }));
    expect(stages.map(({ state }) => state)).toEqual(['finished', 'finished', 'new']);
    expect(stages[2].merge).toMatchObject({ method: 'task_arithmetic', tensors: 20 });
    await expect(plan(sum({ parameters: { lamda: 1 } }))).rejects.toThrow(
      /^small\.yaml, stages\.2.*"lamda".*Did you mean "lambda"/,
    );
    await expect(plan(sum({ models: [{ model: './nowhere' }] }))).rejects.toThrow(
      /^small\.yaml, stages\.2\.merge\.models\.0\.model: .*\/nowhere: found no such folder/,
    );
    const twice = { sources: [{ model: 'finance', layer_range: [0, 2] }] };
    await expect(plan({ merge_method: 'passthrough', slices: [twice, twice] })).rejects.toThrow(
      /merge of the stage both: found a result with model\.layers\.2.*of shape.*finery merge/,
    );
  });
});
