import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { formatRecipe } from './format-recipe.ts';
import { loadRecipe } from './load-recipe.ts';
import { resolveRecipe } from './resolve-recipe.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recipe-'));
});
afterAll(() => rm(folder, { recursive: true }));

const small = `
base: { checkpoint: ../assets/nano }
data:
  finance:
    finworld: { world: finance }
  general:
    files: [a.jsonl]
stages:
  - cpt:
      learning_rate: 1.0e-3
      tokens: 100000
`.trimStart();

async function load(text: string, set: readonly string[] = [], name = 'small.yaml') {
  const path = join(folder, name);
  await writeFile(path, text);
  return loadRecipe(path, { set });
}

/** The problem with the folder's name taken off, since it differs from run to run. */
async function problem(text: string, set: readonly string[] = []) {
  const error = await load(text, set).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof UsageError)) throw new Error(`no UsageError but ${String(error)}`);
  return { ...error.problem, field: error.problem.field.replace(`${folder}/`, '') };
}

const replace = (from: string, to: string): string => {
  if (!small.includes(from)) throw new Error(`${from} is not in the recipe`);
  return small.replace(from, to);
};

describe('loadRecipe', () => {
  it('says where a field was written that an error names later', async () => {
    const { placeOf } = await load(small, ['stages.0.cpt.batch.length=32']);
    const path = join(folder, 'small.yaml');
    expect(placeOf('data.general: a.jsonl, line 3')).toBe(`${path}, line 5, column 3`);
    expect(placeOf('base: ../assets/nano/config.json')).toBe(`${path}, line 1, column 1`);
    expect(placeOf('tokens of the stage cpt')).toBe(`${path}, line 10, column 7`);
    // What has its default is where it would stand.
    expect(placeOf('warmup_ratio of the stage cpt')).toBe(`${path}, line 8, column 5`);
    expect(placeOf('batch.length of the stage cpt')).toBe('--set stages.0.cpt.batch.length=32');
    expect(placeOf('a.jsonl, line 3')).toBeUndefined();
  });

  it('fills in every default, so that the result loads to itself', async () => {
    const { recipe, source, folder: at } = await load(small);
    expect(recipe).toMatchObject({
      name: 'small',
      seed: 1,
      engine: { threads: null, memory: 'arena' },
      base: { checkpoint: '../assets/nano' },
      data: {
        finance: { finworld: { world: 'finance', documents: 4000, held_out_documents: 400, seed: 1 } },
        general: {
          files: ['a.jsonl'],
          held_out: { share: 0.05, group: 'document', seed: 0 },
          skip_broken: false,
          text_field: 'text',
          max_documents: null,
        },
      },
      evaluation: {
        bits_per_byte: { on: ['finance', 'general'], length: 256, rows: 8, confidence: 0.95, max_documents: null },
        tasks: { on: [], limit: null, num_fewshot: null, chat: false, system: null, precision: 'f32' },
      },
      stages: [
        {
          name: 'cpt',
          from: 'base',
          cpt: {
            mixture: { finance: 1, general: 1 },
            unit: 'tokens',
            tokens: 100_000,
            batch: { rows: 8, length: 256, gradient_accumulation_steps: 1 },
            learning_rate: 1e-3,
            lr_scheduler_type: 'cosine',
            warmup_ratio: 0.05,
            min_lr_ratio: 0.1,
            decay_ratio: 0.2,
            optimizer: 'adamw',
            adam_beta1: 0.9,
            adam_beta2: 0.95,
            adam_epsilon: 1e-8,
            muon_momentum: 0.95,
            muon_adjust_lr_fn: 'match_rms_adamw',
            weight_decay: 0.1,
            exempt_embeddings: false,
            max_grad_norm: 1,
            max_epochs: null,
            max_skipped_steps: 5,
            evaluation: { every: 0.25 },
            logging_steps: 10,
            checkpoints: { every_seconds: 300, keep_last: 2, budget_gb: null },
          },
          gate: { metrics: ['bits_per_byte/finance'], tolerance: 0.02, on_fail: 'warn' },
        },
      ],
      save: { dtype: 'f32' },
    });
    expect(source).toBe(small);
    expect(at).toBe(folder);
    const text = formatRecipe(recipe);
    expect(text.match(/^\w+/gm)).toEqual(['name', 'seed', 'engine', 'base', 'data', 'evaluation', 'stages', 'save']);
    const again = await load(text, [], 'another-name.yaml');
    expect(again.recipe).toEqual(recipe);
    expect(formatRecipe(again.recipe)).toBe(text);
    expect(resolveRecipe(recipe)).toEqual(recipe);
  });

  it('applies --set in order, to fields, lists and what is not there yet', async () => {
    const { recipe } = await load(small, [
      'stages.0.cpt.tokens=200000',
      'stages.0.cpt.tokens=300000',
      'stages.0.cpt.mixture={finance: 3, general: {kind: linear, from: 1, to: 0}}',
      'engine.threads=2',
      'data.general.files.1=b c.txt',
      'stages.1={cpt: {tokens: 50000}}',
    ]);
    expect(recipe.stages).toMatchObject([
      { cpt: { tokens: 300_000, mixture: { finance: 3, general: { kind: 'linear', from: 1, to: 0 } } } },
      { cpt: { tokens: 50_000 } },
    ]);
    expect(recipe.engine).toEqual({ threads: 2, memory: 'arena' });
    expect(recipe.data.general).toMatchObject({ files: ['a.jsonl', 'b c.txt'] });
  });

  it('keeps the configuration of a new model as it is', async () => {
    const base =
      'base: { init: { config: { model_type: llama, rope_scaling: null, odd: [1] }, tokenizer: { from: t } } }';
    const { recipe } = await load(replace('base: { checkpoint: ../assets/nano }', base));
    expect(recipe.base).toEqual({
      init: {
        config: { model_type: 'llama', rope_scaling: null, odd: [1] },
        induction_heads: false,
        tokenizer: { from: 't' },
      },
    });
  });
});

describe('a recipe that is wrong', () => {
  it('names line, field, finding and expectation', async () => {
    expect(await problem(replace('1.0e-3', 'fast'))).toEqual({
      field: 'small.yaml, line 9, column 7: stages.0.cpt.learning_rate',
      found: '"fast"',
      expected:
        'a finite number, or one of auto (A number, the highest learning rate; auto, as nothing, chooses it by the size of the model)',
      fix: 'Correct the value or leave it out.',
    });
  });

  it('names every kind of value that a field takes, and writes a number out', async () => {
    expect(await problem(replace('1.0e-3', '1e-3\n      logging_steps: 2.5k'))).toMatchObject({
      found: '"2.5k"',
      fix: 'Write it as a plain number: 2500.',
    });
    expect((await problem(replace('1.0e-3', '1e-3\n      mixture: { finance: lots }'))).expected).toMatch(
      /^a finite number, or fields with values/,
    );
  });

  it('suggests what an unknown field was meant to be', async () => {
    expect(await problem(replace('learning_rate', 'learnig_rate'))).toMatchObject({
      field: 'small.yaml, line 9, column 7: stages.0.cpt.learnig_rate',
      found: 'an unknown field',
      fix: 'Did you mean "learning_rate"?',
    });
  });

  it.each([
    ['a stage', replace('cpt:', 'cptt:'), 'line 8: stages.0.cptt', 'an unknown field', /"cpt"/],
    ['a missing part', replace('stages:', 'seed: 1 #').split('  - cpt')[0], 'line 1: stages', 'nothing', /Add/],
    ['a name', replace('general:', 'gen.eral:'), 'line 5: data.gen.eral', /files/, /Correct/],
    ['a world', replace('world: finance', 'world: finanse'), 'finworld.world', '"finanse"', /Correct/],
    ['an unknown kind of data', replace('finworld: {', 'finwrld: {'), 'data.finance.finwrld', /unknown/, /"finworld"/],
    [
      'two kinds of data',
      replace('files:', 'finworld: { world: general }\n    files:'),
      'data.general',
      'finworld and files',
      /Keep/,
    ],
    ['an empty set', replace('finworld: { world: finance }', '{}'), 'data.finance', 'nothing', /finworld or files/],
    ['an empty base', replace('checkpoint: ../assets/nano', ''), 'line 1: base', 'nothing', /checkpoint or init/],
    [
      'two bases',
      replace('checkpoint: ../assets/nano', 'checkpoint: a, init: { config: 3 }'),
      'base',
      'checkpoint and init',
      /Keep/,
    ],
    ['another base', replace('checkpoint:', 'chekpoint:'), 'base.chekpoint', 'an unknown field', /"checkpoint"/],
    ['an empty path', replace('../assets/nano', "''"), 'base.checkpoint', '""', /Correct/],
    ['a missing world', replace('world: finance', ''), 'data.finance.finworld.world', 'nothing', /Add/],
    ['separators', replace('100000', '100_000'), 'line 10: stages.0.cpt.tokens', '"100_000"', /plain number: 100000/],
    ['a fraction', replace('100000', '100000.5'), 'tokens', '100000.5', /Correct/],
    ['too short a run', replace('100000', '2047'), 'stages.0.cpt.tokens', '2047', /smaller/],
    ['a list for a map', replace('{ checkpoint: ../assets/nano }', '[1]'), 'line 1: base', '[1]', /Correct/],
    ['a bare document', 'hello', 'line 1: recipe', '"hello"', /Correct/],
    ['an empty document', '', 'line 1: recipe', 'null', /Correct/],
  ])('%s', async (_, text, field, found, fix) => {
    const told = await problem(text);
    expect(told.field.replace(/, column \d+/, '')).toContain(field);
    expect(told.found).toMatch(found);
    expect(told.fix).toMatch(fix);
  });

  const stage = (yaml: string) => `${small}      ${yaml}\n`;
  it.each([
    [stage('mixture: { finanse: 1 }'), 'stages.0.cpt.mixture.finanse', /data set "finanse"/, /"finance"/],
    [stage('mixture: { constructor: 1 }'), 'mixture.constructor', /data set "constructor"/, /Add/],
    [stage('mixture: { finance: 0 }'), 'stages.0.cpt.mixture', /only weights of 0/, /weight/],
    [stage('mixture: {}'), 'stages.0.cpt.mixture', /no sets/, /leave mixture out/],
    [stage('mixture: { finance: -1 }'), 'mixture.finance', /-1/, /Correct/],
    [stage('mixture: { finance: { kind: cosin, from: 1, to: 0 } }'), 'mixture.finance.kind', /"cosin"/, /Correct/],
    [stage('mixture: { finance: { kind: cosine, from: 1 } }'), 'mixture.finance.to', /nothing/, /Add/],
    [stage('warmup_ratio: 0.9\n      lr_scheduler_type: warmup_stable_decay'), 'decay_ratio', /0.2/, /Shorten/],
    [
      stage('decay_ratio: 0.3'),
      'cpt.decay_ratio',
      /0.3 with lr_scheduler_type: cosine/,
      /warmup_stable_decay, or leave/,
    ],
    [
      stage('min_lr_ratio: 0\n      lr_scheduler_type: constant'),
      'stages.0.cpt.min_lr_ratio',
      /0 with lr_scheduler_type: constant/,
      /linear or cosine/,
    ],
    [stage('muon_momentum: 0.9'), 'stages.0.cpt.muon_momentum', /0.9 with optimizer: adamw/, /optimizer: muon/],
    [stage('muon_adjust_lr_fn: original'), 'cpt.muon_adjust_lr_fn', /original with/, /leave/],
    [stage('lr_scheduler_type: cosin'), 'lr_scheduler_type', /"cosin"/, /Correct/],
    [`${small}evaluation: { bits_per_byte: { on: [finance, genral] } }`, 'on.1', /"genral"/, /"general"/],
    [`${small}evaluation: { bits_per_byte: { on: [finance, finance] } }`, 'bits_per_byte.on', /finance/, /Correct/],
    [`${small}name: ../x`, 'line 11: name', /"..\/x"/, /Correct/],
  ])('contradiction %#', async (text, field, found, fix) => {
    const told = await problem(text);
    expect(told.field.replace(/, column \d+/, '')).toContain(field);
    expect(told.found).toMatch(found);
    expect(told.fix).toMatch(fix);
  });

  const created = (config: string, on = 'general') =>
    replace(
      '{ checkpoint: ../assets/nano }',
      `{ init: { config: { model_type: llama${config} }, tokenizer: { train: { on: [${on}], vocab_size: 512 } } } }`,
    );
  it.each([
    [created('', 'genral'), 'base.init.tokenizer.train.on.0', '"genral"'],
    [created(', vocab_size: 511'), 'base.init.config.vocab_size', '511'],
    [created(', max_position_embeddings: 128'), 'stages.0.cpt.batch.length', '256'],
    [created('').replace('512', '333'), 'base.init.tokenizer.train.vocab_size', '333'],
    [created('').replace('train:', 'trian:'), 'base.init.tokenizer.trian', 'an unknown field'],
  ])('a new model that cannot be, %#', async (text, field, found) => {
    const told = await problem(text);
    expect(told.field.replace(/, column \d+/, '')).toContain(field);
    expect(told.found).toContain(found);
  });

  it.each([
    ['stages.0.cpt.tokns=3', '--set stages.0.cpt.tokns=3: stages.0.cpt.tokns', 'an unknown field'],
    ['stages.0.cpt.tokens=many', '--set stages.0.cpt.tokens=many: stages.0.cpt.tokens', '"many"'],
    ['stages.5.cpt.tokens=1', '--set stages.5.cpt.tokens=1', 'entry 5 of stages'],
    ['stages.first=1', '--set stages.first=1', 'entry first of stages'],
    ['stages.0.cpt.tokens.x=1', '--set stages.0.cpt.tokens.x=1', '100000 at stages.0.cpt.tokens'],
    ['__proto__.x=1', '--set __proto__.x=1', 'an empty or forbidden name in the path'],
    ['constructor.x=1', '--set constructor.x=1: constructor', 'an unknown field'],
    ['a..b=1', '--set a..b=1', 'an empty or forbidden name in the path'],
    ['tokens', '--set tokens', 'no path and value'],
    ['=1', '--set =1', 'no path and value'],
    ['seed=[', '--set seed=[, line 1', /flow sequence/],
    [
      'stages.0.cpt={tokens: 5000, tokns: 1}',
      '--set stages.0.cpt={tokens: 5000, tokns: 1}: stages.0.cpt.tokns',
      'an unknown field',
    ],
    ['base={checkpoint: 3}', '--set base={checkpoint: 3}: base.checkpoint', '3'],
  ])('--set %s', async (flag, field, found) => {
    const told = await problem(small, [flag]);
    expect(told.field).toBe(field);
    expect(told.found).toMatch(found);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

describe('an error in the file', () => {
  it('suggests a field also where that field is there already', async () => {
    const told = await problem(small, ['stages.0.cpt.learnig_rate=3e-4']);
    expect(told.fix).toBe('Did you mean "learning_rate"?');
  });

  it('is not blamed on a --set of another field', async () => {
    const told = await problem(replace('1.0e-3', 'fast'), ['stages.0.cpt.tokens=5000']);
    expect(told.field).toBe('small.yaml, line 9, column 7: stages.0.cpt.learning_rate');
  });
});

describe('hostile YAML', () => {
  const aliases = 'a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]';
  it.each([
    ['broken', `${small}  x: [`, /line 11$/, /same column/],
    ['a tab', 'base:\n\tcheckpoint: a', /line 2$/, /tabs/],
    ['a key twice', `${small}seed: 1\nseed: 2`, /line 12$/, /unique/],
    ['a tag', `${small}seed: !!js/function "x"`, /line 11$/, /tag/],
    ['two documents', `${small}---\n${small}`, /small\.yaml, line/, /multiple documents/],
    ['too many aliases', aliases, /small\.yaml$/, /aliases/],
    ['a circle', 'a: &a [*a]', /small\.yaml, line 1$/, /nesting/],
    ['nesting that fills the stack', '['.repeat(20_000), /line 1$/, /stack/],
    ['nesting in balance', `${'['.repeat(100)}${']'.repeat(100)}`, /line 1$/, /nesting/],
    ['no number', `${small}seed: .nan`, /line 11$/, /NaN/],
    ['a prototype', `${small}__proto__: { x: 1 }`, /line 11$/, /the key __proto__/],
    ['a prototype inside', `${small}name: { a: { __proto__: 1 } }`, /line 11$/, /the key __proto__/],
    ['size', `${small}# ${'x'.repeat(70_000)}`, /small\.yaml$/, /bytes/],
  ])('is refused: %s', async (_, text, field, found) => {
    const told = await problem(text);
    expect(told.field).toMatch(field);
    expect(told.found).toMatch(found);
  });

  it('refuses what is no text and no file', async () => {
    await writeFile(join(folder, 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    await expect(loadRecipe(join(folder, 'latin.yaml'))).rejects.toThrow(/not UTF-8/);
    await expect(loadRecipe(folder)).rejects.toThrow(UsageError);
    await expect(loadRecipe(join(folder, 'none.yaml'))).rejects.toThrow(/no such file/);
  });
});
