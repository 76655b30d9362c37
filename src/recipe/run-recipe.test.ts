/** What is done again and what is not, when a recipe is given again, changed, cut or damaged. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import { InterruptedError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { Engine } from '../runtime/engine.ts';
import { openBase } from '../stages/open-base.ts';
import { loadRecipe } from './load-recipe.ts';
import { saveWhole } from './model-kinds.ts';
import { planRun } from './plan/plan-run.ts';
import { resolveRecipe } from './resolve-recipe.ts';
import { type RunOptions, runRecipe } from './run-recipe.ts';
import type { RecipeDocument } from './schema/recipe.ts';

let root: string;
let runs = 0;
let out: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'finery-engine-'));
  const { base, data } = tiny();
  const { model } = await openBase(base, data, { root, cacheDir: root, seed: 1 });
  await saveWhole(join(root, 'base'), model, { dtype: 'f32' });
  await new Engine({ threads: 1 }).close();
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  out = join(root, `run-${++runs}`);
});

const tiny = () => resolveRecipe(tinyRecipe({ tokens: 512, batch: { length: 64 } }) as RecipeDocument);

const settings = { tokens: 1024, batch: { rows: 4, length: 64 }, evaluation: { every: null }, logging_steps: 1 };
const cpt = (learning_rate: number, mixture: Record<string, number> = { finance: 1 }) => ({
  cpt: { ...settings, learning_rate, mixture },
});

type Stages = readonly JsonObject[];
const recipeOf = (stages: Stages, changes: JsonObject = {}): JsonObject => ({
  ...tinyRecipe({}),
  base: { checkpoint: join(root, 'base') },
  evaluation: { bits_per_byte: { length: 64, max_documents: 3 } },
  stages,
  ...changes,
});
const first = (): JsonObject => ({ name: 'a', ...cpt(1e-3) });
const chain = (second = 2e-3): Stages => [first(), { name: 'b', ...cpt(second) }, { name: 'c', ...cpt(3e-3) }];

interface Told {
  /** Stages that took a step, in order. */
  readonly trained: string[];
  readonly warnings: string[];
  readonly parts: string[];
}

async function run(document: JsonObject, options: Partial<RunOptions> = {}) {
  const told: Told = { trained: [], warnings: [], parts: [] };
  const recipe = resolveRecipe(document as RecipeDocument);
  const names = recipe.stages.map(({ name }) => name);
  const summary = await runRecipe(
    { recipe, folder: root },
    {
      out,
      cacheDir: join(root, 'cache'),
      onProgress({ stage }) {
        if (names.includes(stage) && !told.trained.includes(stage)) told.trained.push(stage);
      },
      onWarning: (message) => told.warnings.push(message),
      onPart: (title) => told.parts.push(title),
      onMemory: () => {},
      commands: [],
      ...options,
    },
  );
  return { summary, ...told };
}

const results = () => readdirSync(join(out, 'results')).filter((name) => !name.startsWith('base'));
const links = () => readdirSync(join(out, 'stages'));
const weights = (stage: string, folder = out) =>
  readFileSync(join(folder, 'stages', stage, 'checkpoint', 'model.safetensors'));

describe('a recipe that is given again', () => {
  it('does only what was changed and what depends on it, and goes back to what was there', async () => {
    expect((await run(recipeOf(chain()))).trained).toEqual(['a', 'b', 'c']);
    const made = weights('03-c');
    expect((await run(recipeOf(chain()))).trained).toEqual([]);
    const edited = await run(recipeOf(chain(5e-3)));
    expect(edited.trained).toEqual(['b', 'c']);
    expect(weights('03-c').equals(made)).toBe(false);
    expect(
      edited.summary.events.filter(({ stage, step, metric }) => stage === 'b' && step === 1 && metric === 'loss'),
    ).toHaveLength(1);
    const back = await run(recipeOf(chain()));
    expect(back.trained).toEqual([]);
    expect(weights('03-c').equals(made)).toBe(true);
    expect(back.parts.join()).toContain('2 results of earlier recipes');
    expect(results()).toHaveLength(5);

    const pruned = await run(recipeOf(chain()), { prune: true });
    expect(pruned.parts.join()).toMatch(/2 results .* deleted/);
    expect(results()).toHaveLength(3);
    expect(pruned.trained).toEqual([]);
  }, 60_000);

  it('knows results by what they are, not by their names', async () => {
    await run(recipeOf(chain()));
    const [a, b, c] = chain();
    const renamed = await run(recipeOf([{ ...a, name: 'first' }, { ...b, gate: { tolerance: 1 } }, c]));
    expect(renamed.trained).toEqual([]);
    expect(links()).toEqual(['00-base', '01-first', '02-b', '03-c']);
    expect(new Set(renamed.summary.events.map(({ stage }) => stage))).toEqual(new Set(['first', 'b', 'c']));
    expect(readlinkSync(join(out, 'stages', '01-first'))).toMatch(/^\.\.[\\/]results[\\/]cpt-[0-9a-f]{12}$/);
  }, 60_000);

  it('starts two stages from the base, each as if it were alone', async () => {
    const [a, b] = chain();
    const both = await run(recipeOf([a, { ...b, from: 'base' }]));
    const branch = weights('02-b');
    expect(both.summary.measurements.map(({ tokensSeen }) => tokensSeen > 0 && tokensSeen < 1100)).toEqual([
      false,
      true,
      true,
    ]);
    out = join(root, `run-${++runs}`);
    await run(recipeOf([b]));
    expect(weights('01-b').equals(branch)).toBe(true);
  }, 60_000);

  it('leaves stages out, stops after one, and begins again at one', async () => {
    await run(recipeOf(chain()), { selection: { until: 'b' } });
    expect(links()).toEqual(['00-base', '01-a', '02-b']);
    expect((await run(recipeOf(chain()))).trained).toEqual(['c']);
    const whole = weights('03-c');
    expect((await run(recipeOf(chain()), { selection: { skip: ['b'] } })).trained).toEqual(['c']);
    expect(links()).toEqual(['00-base', '01-a', '02-c']);
    const [a, , c] = chain();
    expect((await run(recipeOf([a, c]))).trained).toEqual([]);
    expect((await run(recipeOf(chain()))).trained).toEqual([]);
    expect((await run(recipeOf(chain()), { selection: { from: 'b' } })).trained).toEqual(['b', 'c']);
    expect(weights('03-c').equals(whole)).toBe(true);
  }, 60_000);

  it('goes on with what --from began again and was stopped in, and makes nothing again twice', async () => {
    await run(recipeOf(chain()));
    const whole = weights('03-c');
    const again: Partial<RunOptions> = { selection: { from: 'a' } };
    const stopped = new AbortController();
    const parts: string[] = [];
    const onPart = (title: string) => {
      parts.push(title);
      if (title === 'c') stopped.abort(new InterruptedError({ field: 'test', found: 'a stop', expected: '', fix: '' }));
    };
    await expect(run(recipeOf(chain()), { ...again, signal: stopped.signal, onPart })).rejects.toThrow(
      InterruptedError,
    );
    expect(parts.slice(-1)).toEqual(['c']);
    const states = async () => {
      const estimate = await planRun(
        { recipe: resolveRecipe(recipeOf(chain()) as RecipeDocument), folder: root },
        { out, ...again, cacheDir: join(root, 'cache'), onProgress: () => {}, onWarning: () => {} },
      );
      return estimate.stages.map(({ state }) => state);
    };
    expect((await states()).slice(0, 2)).toEqual(['finished', 'finished']);
    expect((await run(recipeOf(chain()), again)).trained).toEqual(['c']);
    expect(weights('03-c').equals(whole)).toBe(true);
    // That run has come to its end: asking again makes all of it again.
    expect(await states()).toEqual(['again', 'again', 'again']);
  }, 60_000);

  it('loses nothing that --from has made before it failed, and takes nothing of other versions', async () => {
    await run(recipeOf(chain()));
    const whole = weights('03-c');
    const again: Partial<RunOptions> = { selection: { from: 'b' } };
    const fails = (): Partial<RunOptions> => ({
      ...again,
      onProgress({ stage }) {
        if (stage === 'c') throw new Error('the disk is full');
      },
    });
    await expect(run(recipeOf(chain()), fails())).rejects.toThrow('the disk is full');
    const goesOn = await run(recipeOf(chain()), again);
    expect(goesOn.trained).toEqual(['c']);
    expect(goesOn.parts).toContain('--from goes on where it stopped, with what it has made of b, c');
    expect(weights('03-c').equals(whole)).toBe(true);

    await expect(run(recipeOf(chain()), fails())).rejects.toThrow('the disk is full');
    const record = join(out, 'results', 'again.json');
    const { versions, ...rest } = JSON.parse(readFileSync(record, 'utf8'));
    writeFileSync(record, JSON.stringify({ ...rest, versions: { ...versions, onnxruntime: '0.0.1' } }));
    expect((await run(recipeOf(chain()), again)).trained).toEqual(['b', 'c']);
    expect(weights('03-c').equals(whole)).toBe(true);
  }, 60_000);

  it('begins again with --from what a watchdog stopped', async () => {
    const watchdog = { on_unhealthy: 'stop', grad_norm_range: [1e-9, 1e-8], window: 3 };
    const stage = cpt(1e-2) as { cpt: JsonObject };
    const document = recipeOf([{ name: 'a', cpt: { ...stage.cpt, watchdog } }]);
    const again: Partial<RunOptions> = { selection: { from: 'a' } };
    await expect(run(document, again)).rejects.toMatchObject({ exitCode: 4 });
    expect(existsSync(join(out, 'results', 'again.json'))).toBe(false);
  }, 60_000);

  it('says that a recipe was edited where it was, and where that may matter', async () => {
    const edited = 'the recipe was changed: results that still fit are used';
    const broken = { ...recipeOf([first()]), data: { finance: { files: ['nowhere.jsonl'] } } };
    await expect(run(broken)).rejects.toThrow(/nowhere/);
    expect((await run(recipeOf([first()]))).parts).not.toContain(edited);
    expect((await run(recipeOf(chain()), { selection: { until: 'b', skip: ['a'] } })).parts).not.toContain(edited);
    expect((await run(recipeOf([{ name: 'a', ...cpt(4e-3) }]))).parts).not.toContain(edited);
    expect((await run(recipeOf([{ name: 'a', ...cpt(5e-3) }]))).parts).toContain(edited);
  }, 60_000);

  it('is held to the positions of its base before anything is trained', async () => {
    const long = recipeOf([{ cpt: { ...settings, batch: { rows: 4, length: 65 } } }]);
    await expect(run(long)).rejects.toThrow(/batch\.length of the stage cpt: found 65, .*max_position_embeddings.* 64/);
    const measured = { ...recipeOf([first()]), evaluation: { bits_per_byte: { length: 65 } } };
    await expect(run(measured)).rejects.toThrow(/evaluation\.bits_per_byte\.length: found 65/);
    expect(existsSync(join(out, 'results'))).toBe(false);
  }, 60_000);

  it('names the field of the recipe for what is found when base, data and tasks are opened', async () => {
    const asked = recipeOf([first()], { evaluation: { tasks: { on: ['finworld_fact'] } } });
    await expect(run(asked)).rejects.toThrow(
      /^evaluation\.tasks\.on: found "finworld_fact", expected .*finworld_facts/,
    );
    const elsewhere = recipeOf([first()], { base: { checkpoint: './nowhere' } });
    await expect(run(elsewhere)).rejects.toThrow(new RegExp(`^base: ${join(root, 'nowhere')}`));
    const missing = recipeOf([first()], { data: { finance: { files: ['nowhere.jsonl'] } } });
    await expect(run(missing)).rejects.toThrow(`data.finance: ${join(root, 'nowhere.jsonl')}: found no such file`);
  }, 60_000);

  it('makes a damaged result again, with the same bits, and keeps what depends on it', async () => {
    await run(recipeOf(chain()));
    const path = join(out, 'stages', '02-b', 'checkpoint', 'model.safetensors');
    const whole = readFileSync(path);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 3] ^= 1;
    writeFileSync(path, damaged);
    const { trained, warnings } = await run(recipeOf(chain()));
    expect(warnings.join()).toMatch(/b is made again: .*model\.safetensors has another content/);
    expect(trained).toEqual(['b']);
    expect(readFileSync(path).equals(whole)).toBe(true);
  }, 60_000);

  it('is reproduced elsewhere by its resolved recipe', async () => {
    await run(recipeOf(chain()), { selection: { skip: ['a'] } });
    const elsewhere = join(root, 'elsewhere');
    const { recipe } = await loadRecipe(join(out, 'recipe.resolved.yaml'));
    await runRecipe(
      { recipe, folder: out },
      {
        out: elsewhere,
        cacheDir: join(root, 'cache'),
        onProgress: () => {},
        onWarning: () => {},
        onPart: () => {},
        onMemory: () => {},
        commands: [],
      },
    );
    expect(weights('02-c', elsewhere).equals(weights('02-c'))).toBe(true);
  }, 60_000);

  it('says when its file was changed meanwhile', async () => {
    const path = join(root, 'changing.yaml');
    writeFileSync(path, JSON.stringify(recipeOf([{ name: 'a', ...cpt(1e-3) }])));
    const loaded = await loadRecipe(path);
    const warnings: string[] = [];
    const options: RunOptions = {
      out,
      cacheDir: join(root, 'cache'),
      onProgress: () => writeFileSync(path, 'name: other'),
      onWarning: (message) => warnings.push(message),
      onPart: () => {},
      onMemory: () => {},
      commands: [],
    };
    await runRecipe(loaded, options);
    expect(warnings.join()).toContain('changing.yaml was changed while it ran');
  }, 60_000);
});

describe('a gate', () => {
  const gated = (rate: number, gate: JsonObject): JsonObject => recipeOf([{ name: 'a', ...cpt(rate), gate }]);

  it('stops a stage that gains nothing, keeps it, and goes on with it where that is asked for', async () => {
    const stopped = run(gated(3, { on_fail: 'stop' }));
    await expect(stopped).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('bits_per_byte/finance'),
    });
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    const gate = JSON.parse(readFileSync(join(out, 'stages', '01-a', 'gate.json'), 'utf8'));
    expect(gate).toMatchObject({
      accepted: false,
      metrics: [{ metric: 'bits_per_byte/finance', own: true, passes: false }, { own: false }],
    });
    // A stop is an end: what is asked for with --from after it is made again.
    const again = run(gated(3, { on_fail: 'stop' }), { selection: { from: 'a' } });
    await expect(again).rejects.toMatchObject({ exitCode: 4 });
    expect(existsSync(join(out, 'results', 'again.json'))).toBe(false);
    const on = await run(gated(3, { on_fail: 'warn' }));
    expect(on.trained).toEqual([]);
    expect(on.warnings.join()).toMatch(/gate of a is not passed: bits_per_byte\/finance went from/);
  }, 60_000);

  it('lets through what is better', async () => {
    const { summary, warnings } = await run(gated(1e-2, { on_fail: 'stop', tolerance: 1 }));
    expect(summary.stages[0].gate).toMatchObject({ accepted: true, reasons: [] });
    expect(warnings.filter((warning) => warning.includes('gate'))).toEqual([]);
  }, 60_000);
});
