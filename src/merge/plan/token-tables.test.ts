/** Token tables of different sizes: cut to the rows that they share, padded behind the last token. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeModels } from '../merge-models.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { readTensors } from '../testing/read-tensors.ts';
import { toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';

const hidden = 16;
const tables = ['model.embed_tokens.weight', 'lm_head.weight'];
type Tensors = ReadonlyMap<string, Float32Array>;

let folder: string;
let small: Tensors;
let large: Tensors;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-tables-'));
  for (const [name, seed, vocabulary] of [
    ['small', 1, 6],
    ['large', 2, 9],
  ] as const) {
    const options = { hidden, vocabulary, seed };
    await writeToyModel(join(folder, name), toyLlama(options), { config: toyConfig(options) });
  }
  small = await readTensors(join(folder, 'small'));
  large = await readTensors(join(folder, 'large'));
});

afterAll(() => rm(folder, { recursive: true }));

let count = 0;

async function merge(recipe: object) {
  const [parsed] = parseMergeRecipes(JSON.stringify({ dtype: 'float32', ...recipe }), 'test.yaml');
  count += 1;
  const out = join(folder, `out-${count}`);
  const resolve = async (name: string): Promise<string> => join(folder, name);
  const { warnings } = await mergeModels(parsed, out, { resolve, threads: 0, sync: false });
  const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
  return { tensors: await readTensors(out), warnings, rows: config.vocab_size };
}

const average = [
  { model: 'small', parameters: { weight: 1 } },
  { model: 'large', parameters: { weight: 3 } },
];
const row = (table: Float32Array, index: number): readonly number[] => [
  ...table.subarray(hidden * index, hidden * (index + 1)),
];
const weighted = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((value, i) => (value + 3 * b[i]) / 4);

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
}

function meanRow(table: Float32Array): readonly number[] {
  const rows = table.length / hidden;
  return Array.from(
    { length: hidden },
    (_, column) =>
      Array.from({ length: rows }, (_, index) => table[index * hidden + column]).reduce((a, b) => a + b, 0) / rows,
  );
}

describe('tables of different lengths without a tokenizer section', () => {
  it('are cut to the shorter one, input and output alike, and the rest is merged whole', async () => {
    const { tensors, warnings, rows } = await merge({ merge_method: 'linear', models: average });
    expect(rows).toBe(6);
    for (const [name, values] of tensors) {
      if (tables.includes(name)) expect(values).toHaveLength(6 * hidden);
      expectClose([...values], weighted([...small.get(name)!], [...large.get(name)!].slice(0, values.length)));
    }
    expect(warnings).toEqual(tables.map((name) => `${name}: tables of 6 and 9 rows are cut to 6.`));
  });

  it('are cut to the base', async () => {
    const models = [{ model: 'large', parameters: { weight: 0.5 } }];
    const { tensors, rows } = await merge({ merge_method: 'task_arithmetic', base_model: 'small', models });
    expect(rows).toBe(6);
    const [head] = [...tables].reverse();
    const expected = [...small.get(head)!].map((value, i) => value + 0.5 * (large.get(head)![i] - value));
    expectClose([...tensors.get(head)!], expected);
  });

  it.each([
    ['linear', 'none'],
    ['karcher', 'none'],
    ['multislerp', 'none'],
    ['nuslerp', 'none'],
    ['slerp', 'small'],
    ['sce', 'small'],
    ['ram', 'small'],
    ['nearswap', 'small'],
    ['ties', 'small'],
    ['model_stock', 'small'],
    ['arcee_fusion', 'small'],
  ])('are cut by %s', async (merge_method, base) => {
    const others = ['small', 'large'].filter((name) => name !== base);
    const models = (merge_method === 'model_stock' ? [...others, ...others] : others).map((model) => ({
      model,
      parameters: { weight: 1 },
    }));
    const { tensors, rows } = await merge({
      merge_method,
      ...(base !== 'none' && { base_model: base }),
      models,
      parameters: { t: 0.5 },
    });
    expect(rows).toBe(6);
    for (const name of tables) expect(tensors.get(name)).toHaveLength(6 * hidden);
  });

  it('are refused where a model has fewer rows than the base', async () => {
    const models = [{ model: 'small', parameters: { weight: 0.5 } }];
    const merging = merge({ merge_method: 'task_arithmetic', base_model: 'large', models });
    await expect(merging).rejects.toThrow(
      /small, tensor "model.embed_tokens.weight": found shape \[6,16\], expected \[9,16\] or more rows.*tokenizer: \{source: union\}/,
    );
  });
});

describe('tables with rows behind the last token', () => {
  const tokens = { small: 'abcd', large: 'abcde' };

  beforeAll(async () => {
    for (const [name, letters] of Object.entries(tokens)) {
      const vocab = Object.fromEntries([...letters].map((token, id) => [token, id]));
      const definition = { model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] };
      await writeFile(join(folder, name, 'tokenizer.json'), JSON.stringify(definition));
    }
  });

  it('keep the size of the owner, whose padding it is', async () => {
    const { tensors, rows } = await merge({ merge_method: 'linear', models: average, tokenizer_source: 'union' });
    expect(rows).toBe(6);
    for (const name of tables) {
      const [merged, own, other] = [tensors, small, large].map((each) => each.get(name)!);
      for (let id = 0; id < 4; id++) expectClose(row(merged, id), weighted(row(own, id), row(other, id)));
      // "e" is a token of the second model only; what the first has in its place is padding, and so is its last row.
      expectClose(row(merged, 4), row(other, 4));
      expectClose(row(merged, 5), row(own, 5));
    }
  });

  it('lack the tokens whose ids lie behind their last row, as if the model did not have them', async () => {
    const path = join(folder, 'small', 'tokenizer.json');
    const definition = await readFile(path, 'utf8');
    const vocab = { a: 0, b: 1, c: 2, d: 3, e: 17 };
    await writeFile(path, JSON.stringify({ model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] }));
    try {
      const { tensors } = await merge({ merge_method: 'linear', models: average, tokenizer_source: 'large' });
      for (const name of tables) {
        const [merged, own, other] = [tensors, small, large].map((each) => each.get(name)!);
        expectClose(row(merged, 3), weighted(row(own, 3), row(other, 3)));
        expectClose(row(merged, 4), row(other, 4));
      }
    } finally {
      await writeFile(path, definition);
    }
  });

  it('grow by mean rows to the multiple that is asked for', async () => {
    const tokenizer = { source: 'union', pad_to_multiple_of: 4 };
    const { tensors, rows } = await merge({ merge_method: 'linear', models: average, tokenizer });
    expect(rows).toBe(8);
    for (const name of tables) {
      const [merged, own, other] = [tensors, small, large].map((each) => each.get(name)!);
      expectClose(row(merged, 5), row(own, 5));
      for (const id of [6, 7]) expectClose(row(merged, id), weighted(meanRow(own), meanRow(other)));
    }
  });

  it('shrink to the multiple that is asked for', async () => {
    const tokenizer = { source: 'large', pad_to_multiple_of: 5 };
    const { tensors, rows } = await merge({ merge_method: 'linear', models: average, tokenizer });
    expect(rows).toBe(5);
    expect(tensors.get(tables[0])).toHaveLength(5 * hidden);
  });
});
