/** Stages that judge a model and give it away, and gates that a task decides: from files to files, without the command line. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/files/json-file.ts';
import { loadModel } from '../../src/models/model.ts';
import { resolveRecipe } from '../../src/recipe/resolve-recipe.ts';
import { runRecipe } from '../../src/recipe/run-recipe.ts';
import type { RecipeDocument } from '../../src/recipe/schema/recipe.ts';
import type { RunSummary } from '../../src/recipe/summary.ts';
import { outlookFiles, outlookRecipe, tinyRecipe } from '../support/tiny-recipe.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'finery-stages-'));
  writeFiles(8);
});
afterAll(() => rmSync(root, { recursive: true }));

function writeFiles(items: number): void {
  for (const [name, text] of Object.entries(outlookFiles(items))) writeFileSync(join(root, name), text);
}

const learn = (mixture: Record<string, number>, tokens: number): JsonObject => ({
  name: 'learn',
  cpt: { mixture, tokens, batch: { rows: 4, length: 64 }, learning_rate: 1e-2, evaluation: { every: null } },
  gate: { metrics: ['outlook'], tolerance: 1, on_fail: 'stop' },
});
const ask: JsonObject = { name: 'ask', evaluate: { tasks: ['outlook.yaml'] } };
const give: JsonObject = { name: 'give', export: { dtype: 'f16' } };

async function run(name: string, document: JsonObject) {
  const [made, warnings]: [Set<string>, string[]] = [new Set(), []];
  const summary = await runRecipe(
    { recipe: resolveRecipe(document as RecipeDocument), folder: root },
    {
      out: join(root, name),
      cacheDir: join(root, 'cache'),
      onProgress: ({ stage }) => made.add(stage),
      onWarning: (message) => warnings.push(message),
      onPart: () => {},
      onMemory: () => {},
      commands: [],
    },
  );
  return { summary, made, warnings };
}

const gateOf = ({ stages: [{ gate }] }: RunSummary) => gate?.metrics.find(({ metric }) => metric === 'outlook');

const whole = outlookRecipe([learn({ outlook: 1 }, 10_000), ask, give]);
const stage = (...names: string[]): string => join(root, 'whole', 'stages', ...names);
const answers = () =>
  JSON.parse(readFileSync(stage('02-ask', 'evaluation', 'results.json'), 'utf8')).results.outlook.acc;

describe('a recipe with tasks', () => {
  it('asks before and after, passes a gate by what was learnt, keeps the answers and writes the model', async () => {
    const { summary, warnings } = await run('whole', whole);
    expect(warnings).toEqual([]);
    // Whoever knows nothing takes the shorter continuation.
    expect(gateOf(summary)).toMatchObject({
      own: true,
      before: 0,
      after: 1,
      passes: true,
    });
    expect(summary.stages[0].gate?.accepted).toBe(true);
    expect(summary.measurements.map(({ tasks }) => tasks?.[0].value)).toEqual([0, 1]);
    expect(answers()).toMatchObject({ value: 1, n: 8 });
    expect(readdirSync(stage('02-ask', 'evaluation', 'items'))).toEqual(['outlook.jsonl']);

    const trained = await loadModel(stage('01-learn', 'checkpoint'));
    const given = await loadModel(stage('03-give', 'model'));
    const config = JSON.parse(readFileSync(stage('03-give', 'model', 'config.json'), 'utf8'));
    expect(config.torch_dtype ?? config.dtype).toBe('float16');
    for (const [parameter, { weight }] of given.parameters) {
      const exact = trained.parameters.get(parameter)!.weight;
      // Eleven bits of a number are kept, and nothing below 2^-25.
      expect(weight.every((value, i) => Math.abs(value - exact[i]) <= 2 ** -11 * Math.abs(exact[i]) + 2 ** -25)).toBe(
        true,
      );
    }
  });

  it('asks and writes nothing again, but for what was damaged', async () => {
    expect((await run('whole', whole)).made.has('outlook')).toBe(false);

    const weights = stage('03-give', 'model', 'model.safetensors');
    const before = readFileSync(weights);
    writeFileSync(weights, before.subarray(0, -1));
    const again = await run('whole', whole);
    expect(again.warnings.join()).toMatch(/give is made again: .*model\.safetensors/);
    expect(readFileSync(weights).equals(before)).toBe(true);

    writeFileSync(stage('02-ask', 'evaluation', 'results.json'), '{}');
    const asked = await run('whole', whole);
    expect(asked.warnings.join()).toMatch(/ask is made again: .*results\.json/);
    expect([...asked.made]).toContain('outlook');
    expect(answers()).toMatchObject({ value: 1, n: 8 });
  });

  it('asks again once the data of a task are others, and trains on nothing again', async () => {
    writeFiles(12);
    const { made, summary } = await run('whole', whole);
    expect([...made]).toContain('outlook');
    expect([...made]).not.toContain('learn');
    expect(answers()).toMatchObject({ value: 1, n: 12 });
    expect(gateOf(summary)).toMatchObject({
      before: 0,
      after: 1,
    });
  });

  it('is refused before anything is trained where the runtime cannot ask the model', async () => {
    // Heads of eight.
    const { base } = tinyRecipe({}) as { base: JsonObject };
    const { gate: _, ...plain } = learn({ outlook: 1 }, 512);
    const unasked = { bits_per_byte: { on: ['outlook'], length: 64 } };
    const expected = { exitCode: 2, message: expect.stringMatching(/head size of the base: found 8, .*leave out/) };
    await expect(run('mute', outlookRecipe([plain], { base }))).rejects.toMatchObject(expected);
    const judged = outlookRecipe([plain, ask], { base, evaluation: unasked });
    await expect(run('mute', judged)).rejects.toMatchObject(expected);
    expect(readdirSync(join(root, 'mute'))).not.toContain('results');
    const { summary } = await run('mute', outlookRecipe([plain], { base, evaluation: unasked }));
    expect(summary.state).toBe('done');
  });

  it('ends at a gate whose task gained nothing, with the report and without the stages behind it', async () => {
    const idle = outlookRecipe([learn({ general: 1 }, 512), ask, give]);
    await expect(run('idle', idle)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('outlook went from 0.000 to 0.000'),
    });
    expect(existsSync(join(root, 'idle', 'report.html'))).toBe(true);
    expect(
      readdirSync(join(root, 'idle', 'results'))
        .map((name) => name.split('-')[0])
        .sort(),
    ).toEqual(['base', 'cpt']);
  });
});
