/** From a recipe to the matrix, with a model that takes seconds. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tagsOf } from '../../test/support/html-tags.ts';
import { outlookFiles, outlookRecipe } from '../../test/support/tiny-recipe.ts';
import { InterruptedError, UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { saveWhole } from '../recipe/model-kinds.ts';
import { resolveRecipe } from '../recipe/resolve-recipe.ts';
import type { RecipeDocument } from '../recipe/schema/recipe.ts';
import { openBase } from '../stages/open-base.ts';
import { type AblateOptions, ablate } from './ablate.ts';
import { tokensOf } from './ablation.ts';
import { openAblationFolder } from './ablation-folder.ts';
import {
  type AblationEstimate,
  type ChainEstimate,
  type EstimateOptions,
  estimateAblation,
} from './estimate-ablation.ts';

// Chains take a second or two, and longer where others use the cores.
vi.setConfig({ testTimeout: 180_000 });

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'finery-ablate-'));
  for (const [name, text] of Object.entries(outlookFiles(8))) writeFileSync(join(root, name), text);
});
afterAll(() => rmSync(root, { recursive: true }));

const learn = (name: string, set: string, tokens: number): JsonObject => ({
  name,
  cpt: {
    mixture: { [set]: 1 },
    tokens,
    batch: { rows: 4, length: 64 },
    learning_rate: 1e-2,
    evaluation: { every: null },
  },
});
const document = outlookRecipe([
  learn('prose', 'general', 2048),
  learn('outlook', 'outlook', 6144),
  { name: 'ask', evaluate: { tasks: ['outlook.yaml'], limit: 4 } },
  { name: 'give', export: {} },
]);
const recipe = resolveRecipe({ ...document, seed: 3 } as RecipeDocument);
/** Another seed has other weights in the same shapes. */
async function saveBase(folder: string, seed: number): Promise<void> {
  const { model } = await openBase(recipe.base, recipe.data, { root, cacheDir: join(root, 'cache'), seed });
  await saveWhole(folder, model, { dtype: 'f32', replace: true });
}
const at = (...names: string[]): string => join(root, 'ablation', ...names);

async function run(changes: Partial<AblateOptions> = {}, changed = recipe) {
  const [chains, parts, made]: [string[], string[], Set<string>] = [[], [], new Set()];
  const ablation = await ablate(
    { recipe: changed, folder: root },
    {
      out: at(),
      drop: ['prose', 'outlook'],
      cacheDir: join(root, 'cache'),
      command: 'finery ablate tiny.yaml',
      onProgress: ({ stage }) => made.add(stage),
      onWarning: () => {},
      onPart: (title) => parts.push(title),
      onMemory: () => {},
      onChain: ({ variant, seed, number, total }) => chains.push(`${number}/${total} ${variant} ${seed}`),
      ...changes,
    },
  );
  return { ablation, chains, parts, made };
}

const estimate = (changes: Partial<EstimateOptions> = {}, changed = recipe) =>
  estimateAblation(
    { recipe: changed, folder: root },
    {
      out: at(),
      drop: ['prose', 'outlook'],
      cacheDir: join(root, 'cache'),
      onProgress: () => {},
      onWarning: () => {},
      ...changes,
    },
  );

let estimated: AblationEstimate;

describe('estimateAblation', () => {
  it('tells the chains, counts what they share once, and writes nothing', async () => {
    estimated = await estimate({ seeds: 2 });
    const { chains, left, operations, seconds, memory } = estimated;
    expect(left).toEqual(['give']);
    expect(chains.map(({ variant, seed }) => `${variant} ${seed}`)).toEqual(
      [3, 4].flatMap((seed) => ['full', 'without-prose', 'without-outlook'].map((variant) => `${variant} ${seed}`)),
    );
    const statesOf = (chain: ChainEstimate) => chain.stages.map(({ name, state }) => [name, state]);
    const [full, withoutProse, withoutOutlook, next] = chains;
    expect(statesOf(full)).toEqual([
      ['prose', 'new'],
      ['outlook', 'new'],
      ['ask', 'new'],
    ]);
    // What comes after the dropped stage takes over its tokens, and so is another.
    expect(statesOf(withoutProse)[0]).toEqual(['outlook', 'new']);
    expect(statesOf(withoutOutlook)[0]).toEqual(['prose', 'new']);
    expect(statesOf(next)[0]).toEqual(['prose', 'new']);
    for (const { tokens } of chains) expect(Math.abs(tokens / full.tokens - 1)).toBeLessThan(0.03);
    const training = chains.flatMap(({ stages }) => stages.flatMap((stage) => stage.training ?? []));
    expect(operations).toBe(training.reduce((sum, each) => sum + each.operations, 0));
    expect(seconds).toBeGreaterThan(0);
    expect(memory.predicted).toBeGreaterThan(1e8);
    expect(existsSync(at())).toBe(false);
  });

  it('shares the beginning of a chain with those that leave out its end', async () => {
    const [prose, outlook] = recipe.stages;
    const longer = { ...recipe, stages: [prose, outlook, { ...outlook, name: 'last', from: 'outlook' }] };
    const { chains, operations } = await estimate({ drop: ['last'] }, longer);
    expect(chains.map(({ stages }) => stages.map(({ name, state }) => `${name} ${state}`))).toEqual([
      ['prose new', 'outlook new', 'last new'],
      ['prose shared', 'outlook new'],
    ]);
    const [[first, second, third], [, longerSecond]] = chains.map(({ stages }) => stages);
    const ahead = [first, second, third, longerSecond].map(({ training }) => training!.operations);
    expect(operations).toBe(ahead.reduce((sum, each) => sum + each));
  });
});

describe('ablate', () => {
  it('is stopped in the second chain and goes on there', async () => {
    const stopped = new InterruptedError({ field: 'test', found: 'a stop', expected: 'none', fix: 'None.' });
    const controller = new AbortController();
    const onChain = ({ number }: { readonly number: number }) => number === 2 && controller.abort(stopped);
    await expect(run({ onChain, signal: controller.signal })).rejects.toThrow(InterruptedError);
    expect(existsSync(at('ablation.json'))).toBe(false);
    const first = statSync(at('chains', 'full-seed-3', 'chain.json')).mtimeMs;

    const { ablation, chains, parts, made } = await run();
    expect(statSync(at('chains', 'full-seed-3', 'chain.json')).mtimeMs).toBe(first);
    expect(chains).toEqual(['1/3 full 3', '2/3 without-prose 3', '3/3 without-outlook 3']);
    expect(parts).toContain('not part of the chain and left out: give');
    expect(parts.join()).not.toMatch(/earlier recipes|was changed/);
    // The base is that of all chains, and was measured before the first of them was stopped.
    expect(parts).not.toContain('measure the base');
    expect([...made]).toEqual(expect.arrayContaining(['prose', 'outlook']));

    const { columns, rows, seeds, errorsOver } = ablation.matrix;
    expect([seeds, errorsOver]).toEqual([[3], 'items']);
    expect(columns.map(({ name, metric }) => [name, metric])).toEqual([
      ['bits_per_byte/outlook', 'bits_per_byte'],
      ['outlook', 'acc'],
      ['ask/outlook', 'acc'],
    ]);
    const [withoutProse, withoutOutlook] = rows;
    expect(withoutOutlook.cells[0]).toMatchObject({ verdict: 'worse' });
    expect(withoutOutlook.cells[0].difference).toBeGreaterThan(0.5);
    // More of the one thing that is asked for.
    expect(withoutProse.cells[0].difference).toBeLessThan(0);
  });

  it('gives every chain the tokens of the whole, to the nearest step', async () => {
    const { variants } = (await run()).ablation;
    expect(variants.map(({ costs: [stages] }) => stages.map(({ name }) => name))).toEqual([
      ['prose', 'outlook'],
      ['outlook'],
      ['prose'],
    ]);
    const [whole, ...others] = variants.map(tokensOf);
    for (const tokens of others) expect(Math.abs(tokens / whole - 1)).toBeLessThan(0.03);
  });

  it('has trained as was estimated, and has nothing more to do', async () => {
    const { variants } = (await run()).ablation;
    const [whole] = estimated.chains;
    for (const { name, costs } of variants) {
      const chain = estimated.chains.find(({ variant }) => variant === name)!;
      const expected = chain.stages.flatMap(({ name: stage, training }) =>
        training ? [{ name: stage, steps: training.steps, tokens: training.unpadded }] : [],
      );
      expect(costs).toEqual([expected]);
    }
    expect(whole.stages.some(({ training }) => training!.seconds! > 0)).toBe(true);
    const afterwards = await estimate();
    expect(new Set(afterwards.chains.flatMap(({ stages }) => stages.map(({ state }) => state)))).toEqual(
      new Set(['finished']),
    );
    expect([afterwards.operations, afterwards.seconds]).toEqual([0, 0]);
  });

  it('trains nothing again, and writes what came out for programs and for people', async () => {
    rmSync(at('ablation.html'));
    const { ablation, made } = await run();
    // The data are only looked at.
    expect([...made]).toEqual(['read outlook']);
    const written = JSON.parse(readFileSync(at('ablation.json'), 'utf8'));
    expect(written).toEqual({ version: 1, ...JSON.parse(JSON.stringify(ablation)) });
    const page = readFileSync(at('ablation.html'), 'utf8');
    expect(tagsOf(page)).toEqual(expect.arrayContaining(['table', 'svg']));
    expect(page).toContain('Seeds were not varied');
    expect(page).not.toMatch(/https?:|<script/);
    expect(existsSync(at('chains', 'without-prose-seed-3', 'report.html'))).toBe(true);
  });

  it('runs a chain again whose results are gone', async () => {
    const record = JSON.parse(readFileSync(at('chains', 'without-prose-seed-3', 'chain.json'), 'utf8'));
    rmSync(at('run', 'results', record.end), { recursive: true });
    expect([...(await run()).made]).toContain('outlook');
  });

  it('takes chains of other data, or another base, for no comparison, and runs none beside them', async () => {
    const text = readFileSync(join(root, 'outlook.jsonl'), 'utf8');
    // As many documents as before.
    writeFileSync(join(root, 'outlook.jsonl'), text.replaceAll('steady', 'steely'));
    const chains: string[] = [];
    const onChain = ({ variant }: { readonly variant: string }) => chains.push(variant);
    await expect(run({ seeds: 2, onChain })).rejects.toThrow(/data: found another content than the chain full-seed-3/);
    expect(chains).toEqual(['full']);
    writeFileSync(join(root, 'outlook.jsonl'), text);

    const base = join(root, 'base');
    const changed = { ...recipe, base: { checkpoint: 'base' }, stages: recipe.stages.slice(0, 2) };
    changed.evaluation = { ...recipe.evaluation, tasks: { ...recipe.evaluation.tasks, on: [] } };
    const save = (seed: number) => saveBase(base, seed);
    await save(1);
    const ablation = { out: join(root, 'of-a-base'), drop: ['prose'] };
    await run(ablation, changed);
    await save(2);
    await expect(run(ablation, changed)).rejects.toThrow(/base: found another content than the chain full-seed-3/);
    await save(1);
    expect([...(await run(ablation, changed)).made]).toEqual(['read outlook']);
  });
});

describe('what is refused', () => {
  it('the folder of another recipe, of other things, and of somebody at work', async () => {
    await expect(run({}, { ...recipe, seed: 4 })).rejects.toThrow(/the ablation of another recipe/);
    mkdirSync(join(root, 'mine'));
    writeFileSync(join(root, 'mine', 'letter.txt'), 'dear');
    await expect(run({ out: join(root, 'mine') })).rejects.toThrow(/other things, such as "letter.txt"/);
    await expect(run({ out: join(root, 'outlook.jsonl') })).rejects.toThrow(UsageError);
    const open = await openAblationFolder(join(root, 'busy'), { recipe, folder: root });
    await expect(openAblationFolder(join(root, 'busy'), { recipe, folder: root })).rejects.toThrow(/one process/);
    await open.release();
  });

  it.each([0, 101, 1.5, Number.NaN])('%d seeds', async (seeds) => {
    await expect(run({ seeds })).rejects.toThrow(/--seeds: .*a whole number from 1 to 100/);
  });

  it('a stage that is not there, before a folder is made', async () => {
    await expect(run({ drop: ['pros'], out: join(root, 'never') })).rejects.toThrow(/Did you mean "prose"/);
    expect(existsSync(join(root, 'never'))).toBe(false);
  });
});
