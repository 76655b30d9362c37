import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../errors.ts';
import { loadModel, type Model, saveModel } from '../models/model.ts';
import { Engine } from '../runtime/engine.ts';
import { sharedTokens } from './shared-tokens.ts';
import { callTied, writeToyModel } from './testing/toy-models.ts';
import { type TransplantOptions, transplantModel } from './transplant-model.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

let root: string;
let folder: string;
let donor: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-transplant-'));
  [folder, donor] = [join(root, 'model'), join(root, 'donor')];
});

afterEach(() => rm(root, { recursive: true }));

const text = 'the sun rose over the hills and the river ran over the hills';
const other = 'the swaptions hedged EBITDA margins and the amortisation over the margins';
const embedding = 'model.embed_tokens.weight';
const width = 16;

async function transplant(options: TransplantOptions = {}) {
  const out = join(root, `out-${JSON.stringify(options).replaceAll(/\W/g, '')}`);
  const result = await transplantModel(engine, folder, donor, out, options);
  return { out, result, model: await loadModel(out) };
}

const row = (table: Float32Array, id: number): number[] => [...table.subarray(id * width, (id + 1) * width)];
const tableOf = (model: Pick<Model, 'parameters'>, name = embedding) => model.parameters.get(name)!.weight;

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i])))).toBeLessThan(tolerance);
}

describe('transplantModel', () => {
  it.each([true, false])('puts rows where an invertible map between the tables puts them; tied: %s', async (tied) => {
    const model = await writeToyModel(folder, text, { tie_word_embeddings: tied });
    const given = await writeToyModel(donor, other, { seed: 2, tie_word_embeddings: tied });
    const [own, theirs] = [model.tokenizer!, given.tokenizer!];
    const from = sharedTokens(own, theirs);
    // The model's rows of shared tokens are the donor's with columns swapped and doubled: so must be those it lacks.
    const map = (values: readonly number[]) => values.toReversed().map((value) => 2 * value);
    const names = tied ? [embedding] : [embedding, 'lm_head.weight'];
    for (const name of names) {
      const [table, known] = [tableOf(model, name), tableOf(given, name)];
      for (const [token, id] of from.entries()) if (id >= 0) table.set(map(row(known, token)), id * width);
    }
    await saveModel(folder, model, { dtype: 'f32', replace: true });
    const { result, model: made } = await transplant();
    expect(result).toEqual({
      tokens: theirs.vocabSize,
      rows: theirs.vocabSize,
      shared: from.filter((id) => id >= 0).length,
      keepsEnd: true,
      warnings: [],
    });
    expect(result.shared).toBeGreaterThan(250);
    expect(result.tokens - result.shared).toBeGreaterThan(20);
    for (const name of names) {
      for (const [token, id] of from.entries()) {
        const expected = map(row(tableOf(given, name), token));
        if (id >= 0) expect(row(tableOf(made, name), token)).toEqual(expected);
        else expectClose(row(tableOf(made, name), token), expected, 1e-3);
      }
    }
    expect(made.parameters.has('lm_head.weight')).toBe(!tied);
    const up = 'model.layers.0.mlp.up_proj.weight';
    expect(tableOf(made, up)).toEqual(tableOf(model, up));
    expect(made.tokenizer!.hash).toBe(theirs.hash);
  });

  it('reads and keeps heads that are tables of their own although they are called tied', async () => {
    await writeToyModel(folder, text, { tie_word_embeddings: false });
    await writeToyModel(donor, other, { seed: 2, tie_word_embeddings: false });
    const { model: expected } = await transplant({ method: 'omp' });
    for (const called of [folder, donor]) await callTied(called);
    const { result, model: made } = await transplant({ method: 'omp', seed: 1 });
    expect(result.warnings).toEqual(
      [folder, donor].map((path) => expect.stringContaining(`${path}: lm_head.weight is`)),
    );
    expect(made.config.tie_word_embeddings).toBe(false);
    for (const name of [embedding, 'lm_head.weight'])
      expect(tableOf(made, name), name).toEqual(tableOf(expected, name));
  });

  it('says what a token was in the model, or the mean of all, by the tokenizer alone', async () => {
    const model = await writeToyModel(folder, text);
    const given = await writeToyModel(donor, other, { seed: 2 });
    await rm(join(donor, 'model.safetensors'));
    const [own, theirs] = [model.tokenizer!, given.tokenizer!];
    const table = tableOf(model);
    const mean = (ids: readonly number[]) =>
      Array.from({ length: width }, (_, i) => ids.reduce((sum, id) => sum + table[id * width + i] / ids.length, 0));
    const from = sharedTokens(own, theirs);
    const missing = [...from.keys()].filter((token) => from[token] < 0);
    const bySubword = tableOf((await transplant({ method: 'subword' })).model);
    const byMean = tableOf((await transplant({ method: 'mean' })).model);
    const byZero = tableOf((await transplant({ method: 'zero' })).model);
    const byChance = tableOf((await transplant({ method: 'random' })).model);
    const all = mean([...Array(own.vocabSize).keys()]);
    for (const token of missing) {
      const pieces = [...own.encode(theirs.decode([token]), { addSpecialTokens: false })];
      expectClose(row(bySubword, token), mean(pieces));
      expectClose(row(byMean, token), all);
      expect(row(byZero, token).every((value) => value === 0)).toBe(true);
    }
    expect(row(byChance, missing[0])).not.toEqual(row(byChance, missing[1]));
    for (const table of [bySubword, byMean, byZero, byChance]) {
      for (const [token, id] of from.entries()) if (id >= 0) expect(row(table, token)).toEqual(row(tableOf(model), id));
    }
    await expect(transplant()).rejects.toThrow(InputError);
  });

  it('stays among the nearest with the simpler rule, and pads', async () => {
    await writeToyModel(folder, text);
    await writeToyModel(donor, other, { seed: 2 });
    const { result, model } = await transplant({ method: 'nearest', atoms: 1, padToMultipleOf: 128 });
    expect(result.rows % 128).toBe(0);
    expect(model.config.vocab_size).toBe(result.rows);
    const own = await loadModel(folder);
    const rows = new Set(Array.from({ length: own.tokenizer!.vocabSize }, (_, id) => row(tableOf(own), id).join()));
    for (let token = 0; token < result.tokens; token++) expect(rows.has(row(tableOf(model), token).join())).toBe(true);
  });

  it('refuses a donor whose rows are not finite, and counts that are none', async () => {
    await writeToyModel(folder, text);
    const given = await writeToyModel(donor, other, { seed: 2 });
    for (const options of [{ atoms: 0 }, { atoms: Number.NaN }, { padToMultipleOf: 0 }]) {
      await expect(transplant(options)).rejects.toThrow(UsageError);
    }
    const tokenizer = (await loadModel(folder)).tokenizer!;
    const missing = sharedTokens(tokenizer, given.tokenizer!).findIndex((id) => id < 0);
    await overwrite(join(donor, 'model.safetensors'), embedding, missing * width, Number.NaN);
    for (const method of ['omp', 'nearest'] as const) {
      await expect(transplant({ method })).rejects.toThrow(/NaN or infinite/);
    }
  });

  it('numbers special tokens as the donor does', async () => {
    const model = await writeToyModel(folder, text);
    const given = await writeToyModel(donor, other, { seed: 2 });
    const path = join(folder, 'generation_config.json');
    const { eosId, bosId } = model.tokenizer!;
    await writeFile(path, JSON.stringify({ eos_token_id: [eosId, 399], bos_token_id: bosId, temperature: 0.5 }));
    const { out, model: made } = await transplant({ method: 'zero' });
    const theirs = given.tokenizer!;
    expect(made.config.eos_token_id).toBe(theirs.eosId);
    const generation = JSON.parse(await readFile(join(out, 'generation_config.json'), 'utf8'));
    expect(generation).toEqual({ eos_token_id: [theirs.eosId], bos_token_id: theirs.bosId, temperature: 0.5 });
  });

  it('tells that a donor has no end of text', async () => {
    const model = await writeToyModel(folder, text);
    await writeToyModel(donor, other, { seed: 2 });
    const end = model.tokenizer!.decode([model.tokenizer!.eosId!]);
    for (const name of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']) {
      const path = join(donor, name);
      const renamed = (await readFile(path, 'utf8').catch(() => '{}')).replaceAll(end, '<|other|>');
      const { eos_token: _, ...rest } = JSON.parse(renamed);
      await writeFile(path, JSON.stringify(rest));
    }
    const { result, model: made } = await transplant({ method: 'zero' });
    expect(result.keepsEnd).toBe(false);
    expect(made.config.eos_token_id).toBeUndefined();
  });
});

/** One element of a stored tensor, in float32. */
async function overwrite(path: string, name: string, element: number, value: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { buffer: start } = await file.read(new BigUint64Array(1), 0, 8, 0);
    const header = 8 + Number(start[0]);
    const { buffer: json } = await file.read(new Uint8Array(header - 8), 0, header - 8, 8);
    const [begin] = JSON.parse(new TextDecoder().decode(json))[name].data_offsets;
    await file.write(Float32Array.of(value), 0, 4, header + begin + 4 * element);
  } finally {
    await file.close();
  }
}
