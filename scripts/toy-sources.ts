/**
 * Small models in the place of those that a merge recipe names, so that it can be tried before they are fetched:
 *
 *   npx tsx scripts/toy-sources.ts RECIPE FOLDER [--layers N] [--dtype f16] [--tied]
 *   cd FOLDER && finery merge RECIPE merged
 *
 * A name, such as `owner/model@revision`, becomes a folder of that name in FOLDER, where a merge finds it before it asks the
 * hub: a Llama with a small tokenizer, whose weights are those of one base plus a tenth that is its own. A name behind a plus
 * becomes a LoRA adapter. Layers are as many as a layer_range reaches, unless told, or 4.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { saveAdapter } from '../src/adapters/peft/save-adapter.ts';
import { smallConfig, smallTokenizer } from '../src/checkpoint/gguf/testing/written-model.ts';
import type { StorageType } from '../src/checkpoint/safetensors/write.ts';
import { containedPath } from '../src/files/contained-path.ts';
import { readMergeRecipes } from '../src/merge/recipe/read-merge-recipe.ts';
import { initModel, saveModel } from '../src/models/model.ts';
import { stream } from '../src/random/stream.ts';

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    layers: { type: 'string' },
    dtype: { type: 'string', default: 'f32' },
    tied: { type: 'boolean', default: false },
  },
});
const [path, folder] = positionals;
if (folder === undefined) throw new Error('usage: toy-sources.ts RECIPE FOLDER [--layers N] [--dtype T] [--tied]');

const recipes = await readMergeRecipes(path);
const made = new Set(recipes.flatMap(({ name }) => name ?? []));
const sources = recipes.flatMap(({ slices }) => slices.flatMap((slice) => slice.sources));
const layers = Number(options.layers ?? Math.max(4, ...sources.flatMap(({ layers: range }) => range?.[1] ?? [])));
const names = new Set(sources.map(({ model }) => model.model).filter((name) => !made.has(name)));
const adapters = new Set(sources.flatMap(({ model }) => model.lora ?? []));

const tokenizer = smallTokenizer();
const config = {
  ...smallConfig,
  num_hidden_layers: layers,
  vocab_size: tokenizer.vocabSize,
  tie_word_embeddings: options.tied,
};
const dtype = options.dtype as StorageType;
await mkdir(folder, { recursive: true });

for (const name of names) {
  const model = initModel(config, { seed: 1, purpose: 'inference', tokenizer });
  for (const { name: parameter, initialization } of model.decoder.parameters) {
    const [random, deviation] = [
      stream(1, name, parameter),
      'normal' in initialization ? initialization.normal / 10 : 0.01,
    ];
    const { weight } = model.parameters.get(parameter)!;
    for (let i = 0; i < weight.length; i++) weight[i] += deviation * random.normal();
  }
  await saveModel(await containedPath(folder, name), model, { dtype });
  console.log(name);
}

for (const name of adapters) {
  const { decoder } = initModel(config, { seed: 1, purpose: 'inference' });
  const r = 4;
  const normals = (part: string, count: number): Float32Array => {
    const random = stream(1, name, part);
    return Float32Array.from({ length: count }, () => 0.05 * random.normal());
  };
  const modules = decoder.parameters
    .filter(({ name: parameter }) => /_proj\.weight$/.test(parameter))
    .map(({ name: parameter, shape: [out, input] }) => {
      const module = parameter.slice(0, -'.weight'.length);
      return [module, { a: normals(`${module} a`, r * input), b: normals(`${module} b`, out * r) }] as const;
    });
  const settings = { method: 'lora', r, alpha: 2 * r, targetModules: 'all-linear' } as const;
  await saveAdapter(await containedPath(folder, name), { settings, modules: new Map(modules) }, { dtype });
  console.log(name);
}
