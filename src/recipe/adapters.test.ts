/** Recipes whose stages train adapters: what is kept of them, and that stopping changes no bit. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import { mergeAdapters } from '../adapters/merge.ts';
import { dequantizeModel, loadQuantizedModel } from '../adapters/nf4/quantized-model.ts';
import { readAdapter } from '../adapters/peft/read-adapter.ts';
import type { JsonObject } from '../files/json-file.ts';
import { loadModel, type WholeModel } from '../models/model.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { runRecipe } from './run-recipe.ts';
import type { RunSummary } from './summary.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-adapters-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const cpt = (adapter: JsonObject, changes: JsonObject = {}): JsonObject => ({
  tokens: 6144,
  batch: { rows: 8, length: 64 },
  learning_rate: 1e-2,
  evaluation: { every: null },
  logging_steps: 1,
  adapter,
  ...changes,
});
const stages: readonly JsonObject[] = [
  {
    name: 'low',
    cpt: cpt({ method: 'lora', r: 4, dropout: 0.1 }, { samples: { every: 0.5, count: 1, max_tokens: 4 } }),
  },
  { name: 'four', cpt: cpt({ method: 'qlora', r: 4, dropout: 0.1 }, { samples: null }) },
  {
    name: 'magnitude',
    from: 'base',
    cpt: cpt({ method: 'dora', r: 2, target_modules: ['q_proj', 'v_proj'] }, { samples: null }),
  },
];
// The runtime generates with heads of 16 and its multiples only.
const { base, ...tiny } = tinyRecipe({});
const { init } = base as { init: { config: JsonObject } };
const wide = { init: { ...init, config: { ...init.config, hidden_size: 64 } } };
const recipe = checkRecipe({ ...tiny, base: wide, stages }, fieldName);

interface Watched {
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: string) => void;
  readonly onPart?: (title: string) => void;
}

const notes: string[] = [];
const warnings: string[] = [];
const run = (name: string, { signal, onProgress, onPart }: Watched = {}): Promise<RunSummary> =>
  runRecipe(
    { recipe, folder },
    {
      out: join(folder, name),
      cacheDir: join(folder, 'cache'),
      signal,
      onProgress: ({ stage }) => onProgress?.(stage),
      onWarning: (message) => warnings.push(message),
      onNote: (message) => notes.push(message),
      onPart: (title) => onPart?.(title),
      onMemory: () => {},
      commands: [],
    },
  );
const at = (name: string, ...path: string[]) => join(folder, name, 'stages', ...path);
const linkOf = (stage: 'base' | 'low' | 'four' | 'magnitude') =>
  ({ base: '00-base', low: '01-low', four: '02-four', magnitude: '03-magnitude' })[stage];

/** Largest difference between the weights of a stage's checkpoint and those that `expected` has. */
async function furthest(stage: Parameters<typeof linkOf>[0], expected: WholeModel): Promise<number> {
  const { parameters } = await loadModel(at('whole', linkOf(stage), 'checkpoint'));
  const differences = [...parameters].map(([name, { weight }]) => {
    const other = expected.parameters.get(name)!.weight;
    return weight.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0);
  });
  return Math.max(...differences);
}

describe('a recipe that trains adapters', () => {
  let summary: RunSummary;
  beforeAll(async () => {
    summary = await run('whole');
  }, 120_000);

  it('learns with each of them, and tells how little it trains', () => {
    expect(warnings.filter((text) => !text.startsWith('the gate'))).toEqual([]);
    expect(summary.measurements.map(({ at }) => at)).toEqual(['base', 'low', 'four', 'magnitude']);
    const finance = summary.measurements.map(({ sets }) => sets[0].value);
    for (const after of finance.slice(1)) expect(after).toBeLessThan(finance[0] - 0.02);
    expect(finance[2]).toBeLessThan(finance[1]);
    expect(notes).toContainEqual(expect.stringMatching(/^dora of rank 2 over 4 linear layers: 1\.\d+k parameters are/));
    // q and v of two layers: A [2, 64] and B [64, 2] or [32, 2], and a magnitude for each output.
    expect(summary.stages[2].trainable).toBe(2 * (2 * (64 + 64) + 64 + (2 * (64 + 32) + 32)));
    const lines = (name: string) =>
      readFileSync(at('whole', linkOf('low'), name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(lines('training-samples.jsonl').map(({ step }) => step)).toEqual([6]);
    // The base and all that came out of it are asked alike, also by stages that ask for nothing themselves.
    const said = summary.measurements.map(({ samples }) => samples.map(({ prompt }) => prompt));
    expect(said).toEqual([0, 1, 2, 3].map(() => [lines('samples.jsonl')[0].prompt]));
  });

  it.each(['low', 'magnitude'] as const)('the checkpoint of %s is its base with its adapter merged', async (stage) => {
    const model = await loadModel(at('whole', linkOf('base'), 'checkpoint'));
    expect(await furthest(stage, model)).toBeGreaterThan(1e-3);
    mergeAdapters(model, [{ adapter: await readAdapter(at('whole', linkOf(stage), 'adapter')) }]);
    expect(await furthest(stage, model)).toBe(0);
  });

  it('that of qlora is what the four bits say with the adapter merged', async () => {
    const packed = await dequantizeModel(await loadQuantizedModel(at('whole', linkOf('low'), 'checkpoint')));
    mergeAdapters(packed, [{ adapter: await readAdapter(at('whole', linkOf('four'), 'adapter')) }]);
    expect(await furthest('four', packed)).toBe(0);
    // Negative control: merged into the weights before they were packed, it is another model.
    const plain = await loadModel(at('whole', linkOf('low'), 'checkpoint'));
    mergeAdapters(plain, [{ adapter: await readAdapter(at('whole', linkOf('four'), 'adapter')) }]);
    expect(await furthest('four', plain)).toBeGreaterThan(1e-3);
  });

  it('ends with the same bits when each stage is interrupted, and makes a damaged adapter again', async () => {
    for (const stage of ['low', 'four', 'magnitude'] as const) {
      const controller = new AbortController();
      let steps = 0;
      const stopped = run('pieces', {
        signal: controller.signal,
        onProgress: (title) => {
          if (title === stage && ++steps === 5) controller.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ exitCode: 130 });
    }
    await run('pieces');
    const weights = (name: string, stage: Parameters<typeof linkOf>[0], part: string, file: string) =>
      readFileSync(at(name, linkOf(stage), part, file));
    for (const stage of ['low', 'four', 'magnitude'] as const) {
      for (const [part, file] of [
        ['adapter', 'adapter_model.safetensors'],
        ['checkpoint', 'model.safetensors'],
      ] as const) {
        expect(weights('pieces', stage, part, file).equals(weights('whole', stage, part, file))).toBe(true);
      }
    }
    rmSync(at('pieces', linkOf('magnitude'), 'adapter', 'adapter_model.safetensors'));
    const parts: string[] = [];
    await run('pieces', { onPart: (title) => parts.push(title) });
    expect(parts).toContain('low: finished before');
    expect(parts).toContain('magnitude');
    expect(weights('pieces', 'magnitude', 'checkpoint', 'model.safetensors')).toEqual(
      weights('whole', 'magnitude', 'checkpoint', 'model.safetensors'),
    );
  }, 120_000);
});
