/** Models whose configuration calls the head tied: those whose file has no other table than the embedding, and those that have. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeModels } from '../merge-models.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { readTensors } from '../testing/read-tensors.ts';
import { type ToyTensors, toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';

const toy = { hidden: 16, vocabulary: 37 };
const [embedding, head] = ['model.embed_tokens.weight', 'lm_head.weight'];

let folder: string;
let count = 0;

/** Under the names that GPT-2's folders have. */
const asGpt2 = (tensors: ToyTensors): ToyTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name.replace(embedding, 'transformer.wte.weight').replace('model.layers', 'transformer.h'),
      tensor,
    ]),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-tied-'));
  const own = toyLlama({ ...toy, seed: 1 });
  const called = { config: toyConfig({ ...toy, tied: true }) };
  await writeToyModel(join(folder, 'untied'), own, { config: toyConfig(toy) });
  await writeToyModel(join(folder, 'called-tied'), own, called);
  await writeToyModel(join(folder, 'bf16'), own, { ...called, dtype: 'bf16', shards: 3 });
  await writeToyModel(join(folder, 'copy'), { ...own, [head]: own[embedding] }, called);
  await writeToyModel(join(folder, 'gpt2'), asGpt2(own), called);
  await writeToyModel(join(folder, 'gpt2-copy'), asGpt2({ ...own, [head]: own[embedding] }), called);
});

afterAll(() => rm(folder, { recursive: true }));

async function merge(recipe: object) {
  const [parsed] = parseMergeRecipes(JSON.stringify({ dtype: 'float32', ...recipe }), 'test.yaml');
  count += 1;
  const out = join(folder, `out-${count}`);
  const resolve = async (name: string): Promise<string> => join(folder, name);
  const { warnings } = await mergeModels(parsed, out, { resolve, threads: 0, sync: false });
  const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
  return { tensors: await readTensors(out), warnings, config };
}

const itself = (model: string) => merge({ merge_method: 'passthrough', models: [{ model }] });

describe('a model that calls its head tied', () => {
  it.each(['called-tied', 'bf16', 'gpt2'])('keeps a head that is a table of its own: %s', async (model) => {
    const { tensors, warnings, config } = await itself(model);
    expect(tensors).toEqual(await readTensors(join(folder, model)));
    expect(config.tie_word_embeddings).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/lm_head.weight is another table than the embedding/)]);
  });

  it('is merged head by head with a model that says what is true', async () => {
    const models = ['called-tied', 'untied'].map((model) => ({ model, parameters: { weight: 0.5 } }));
    const { tensors, config } = await merge({ merge_method: 'linear', models });
    expect(tensors).toEqual(await readTensors(join(folder, 'untied')));
    expect(config.tie_word_embeddings).toBe(false);
  });

  it.each(['copy', 'gpt2-copy'])('stays tied where the head is a copy: %s', async (model) => {
    const { tensors, warnings, config } = await itself(model);
    const stored = new Map(await readTensors(join(folder, model)));
    stored.delete(head);
    expect(tensors).toEqual(stored);
    expect(config.tie_word_embeddings).toBe(true);
    expect(warnings).toEqual([]);
  });
});
