/**
 * What each encoder can do beside computing what sentence-transformers computes (`src/embed/embedder.test.ts`), on the
 * checkpoints of scripts/goldens. The table in docs/models.md is made of these results.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachEncoderAdapter } from '../../src/adapters/attach-encoder.ts';
import { readAdapter } from '../../src/adapters/peft/read-adapter.ts';
import { saveAdapter } from '../../src/adapters/peft/save-adapter.ts';
import type { Pair } from '../../src/data/pairs/pair.ts';
import { Embedder, openEmbedder } from '../../src/embed/embedder.ts';
import {
  openAdaptableEmbedder,
  openTrainableEmbedder,
  type TrainableEmbedderOptions,
} from '../../src/embed/open-trainable-embedder.ts';
import { saveEmbedder } from '../../src/embed/save-embedder.ts';
import { textIds } from '../../src/embed/text-ids.ts';
import { cosine, normalizeVector } from '../../src/embed/vectors.ts';
import { openExportSource } from '../../src/export/export-source.ts';
import { modelFileName, type OnnxForm } from '../../src/export/onnx/forms.ts';
import { openExportedEncoderModel } from '../../src/export/onnx/testing/exported-encoder.ts';
import { saveFolder } from '../../src/export/save-folder.ts';
import { saveGguf } from '../../src/export/save-gguf.ts';
import { saveOnnx } from '../../src/export/save-onnx.ts';
import { mergeModels } from '../../src/merge/merge-models.ts';
import { parseMergeRecipes } from '../../src/merge/recipe/read-merge-recipe.ts';
import { readTensors } from '../../src/merge/testing/read-tensors.ts';
import { loadEncoder, saveEncoder } from '../../src/models/encoder-model.ts';
import { encoderArchitectures } from '../../src/models/registry.ts';
import { layOutTexts } from '../../src/objectives/encoder/text-batch.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { contrastive, defaultContrastiveSettings } from '../../src/stages/contrastive.ts';
import { greatestDifference } from '../../src/tensor/testing/differences.ts';
import { loadTokenizer } from '../../src/tokenizer/load.ts';

const golden = new URL('../golden/encoders/', import.meta.url).pathname;
const engine = new Engine({ threads: 1 });
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-encoders-'));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

/** A checkpoint of each architecture, and what its names begin with beside a head. */
const examples: Readonly<Record<string, { readonly name: string; readonly prefix: string }>> = {
  bert: { name: 'minilm', prefix: '' },
  roberta: { name: 'roberta-masked', prefix: 'roberta.' },
  'xlm-roberta': { name: 'e5', prefix: '' },
};

const textsOf = (name: string): readonly string[] =>
  JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8')).texts;

/** Texts that have nothing in common but to be learnt together. */
function pairsOf(name: string): Pair[] {
  const texts = textsOf(name).map((text, i) => `${text} ${i}`);
  return [0, 1, 2, 3].map((i) => ({ query: texts[i], positive: texts[i + 4], negatives: [] }));
}

const learning = { ...defaultContrastiveSettings, batch_size: 4, num_train_epochs: 12, learning_rate: 0.003 };

/** What can be done with an architecture; throws where it cannot. */
const capabilities: Readonly<Record<string, (modelType: string) => Promise<void>>> = {
  /** Every tensor but those of a head goes out as it came in. */
  async load(modelType) {
    const { name, prefix } = examples[modelType];
    const out = join(root, `loaded-${name}`);
    await saveEmbedder(out, await openTrainableEmbedder(golden + name));
    const [before, after] = [await readTensors(golden + name), await readTensors(out)];
    const own = [...before].filter(([tensor]) => !tensor.startsWith('lm_head.'));
    expect([...after.keys()].sort()).toEqual(own.map(([tensor]) => tensor.slice(prefix.length)).sort());
    for (const [tensor, values] of own) expect(after.get(tensor.slice(prefix.length)), tensor).toEqual(values);
  },

  /** The folder that is written gives the vectors of the one that was read. */
  async embed(modelType) {
    const { name } = examples[modelType];
    const out = join(root, `embedded-${name}`);
    await saveEmbedder(out, await openTrainableEmbedder(golden + name));
    const [first, second] = await Promise.all(
      [golden + name, out].map((folder) => openEmbedder(folder, { threads: 1 })),
    );
    expect(second.settings).toMatchObject({ pooling: first.settings.pooling, normalize: first.settings.normalize });
    const [a, b] = [await first.embed(textsOf(name)), await second.embed(textsOf(name))];
    for (const [i, vector] of a.entries()) expect(1 - cosine(vector, b[i])).toBeLessThan(1e-6);
    await Promise.all([first.release(), second.release()]);
  },

  /** Queries come nearer to their documents than to those of others. */
  async train(modelType) {
    const { name } = examples[modelType];
    const model = await openTrainableEmbedder(golden + name);
    const losses: number[] = [];
    await contrastive(model, pairsOf(name), learning, {
      engine,
      folder: join(root, `trained-${name}`),
      hash: name,
      onStep: ({ loss }) => losses.push(loss),
    });
    expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]);
  },

  /** An adapter learns, goes out and in as a folder of PEFT, and merged it computes what it computes beside the weights. */
  async LoRA(modelType) {
    const { name } = examples[modelType];
    const settings = { method: 'lora', r: 4, alpha: 8, targetModules: 'all-linear' } as const;
    const model = attachEncoderAdapter(await openAdaptableEmbedder(golden + name), settings, { seed: 1 });
    const [losses, pairs] = [[] as number[], pairsOf(name)];
    await contrastive(
      model,
      pairs,
      { ...learning, num_train_epochs: 20 },
      {
        engine,
        folder: join(root, `adapted-${name}`),
        hash: name,
        onStep: ({ loss }) => losses.push(loss),
      },
    );
    expect(losses.at(-1)!).toBeLessThan(0.5 * losses[0]);
    const folder = join(root, `adapter-${name}`);
    await saveAdapter(folder, model.adapter, { taskType: 'FEATURE_EXTRACTION' });
    const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({
      task_type: 'FEATURE_EXTRACTION',
      target_modules: expect.arrayContaining(['attention.self.query', 'intermediate.dense', 'output.dense']),
    });
    const beside = new Embedder(name, model.tokenizer, model, model.settings, engine);
    const [plain, merged] = await Promise.all(
      [undefined, folder].map((adapter) => openEmbedder(golden + name, { adapter, threads: 1 })),
    );
    const texts = textsOf(name);
    const [expected, found, before] = [
      await beside.embed(texts, { prefix: '' }),
      await merged.embed(texts, { prefix: '' }),
      await plain.embed(texts, { prefix: '' }),
    ];
    for (const [i, vector] of expected.entries()) expect(greatestDifference(found[i], vector)).toBeLessThan(1e-4);
    expect(Math.min(...expected.map((vector, i) => cosine(vector, before[i])))).toBeLessThan(0.99);
    await Promise.all([beside.release(), plain.release(), merged.release()]);
  },

  /** The mean of two models has the mean of their weights, and makes vectors as they do. */
  async merge(modelType) {
    const { name } = examples[modelType];
    const [first, second, out] = ['first', 'second', 'merged'].map((place) => join(root, `${place}-${name}`));
    await saveEmbedder(first, await openTrainableEmbedder(golden + name));
    await saveEmbedder(second, await shifted(golden + name));
    expect(await mergeOf([first, second], out)).toEqual([]);
    const [a, b, merged] = [await readTensors(first), await readTensors(second), await readTensors(out)];
    expect([...merged.keys()].sort()).toEqual([...a.keys()].sort());
    for (const [tensor, values] of merged) {
      const mean = values.map((_, i) => (a.get(tensor)![i] + b.get(tensor)![i]) / 2);
      expect(greatestDifference(values, mean), tensor).toBeLessThan(1e-6);
    }
    const [before, after] = [await openEmbedder(first, { threads: 1 }), await openEmbedder(out, { threads: 1 })];
    expect(after.settings).toEqual(before.settings);
    expect(await after.embed(textsOf(name))).not.toEqual(await before.embed(textsOf(name)));
    await Promise.all([before.release(), after.release()]);
  },

  /** The file gives the same vectors, of the same tokens and pooling; in 8 bits nearly so. */
  async GGUF(modelType) {
    const { name } = examples[modelType];
    const source = await openExportSource(golden + name);
    const [whole, bytes] = ['f32', 'q8_0'].map((dtype) => join(root, `${name}-${dtype}.gguf`));
    await saveGguf(whole, source, { dtype: 'f32' });
    await saveGguf(bytes, source, { dtype: 'q8_0' });
    await source.close();
    const told = { normalize: true, maxLength: 40, threads: 1 };
    const [ours, exact, rounded] = await Promise.all(
      [golden + name, whole, bytes].map((path) => openEmbedder(path, told)),
    );
    expect(exact.settings.pooling).toBe(ours.settings.pooling);
    const [expected, found, nearly] = await Promise.all(
      [ours, exact, rounded].map((embedder) => embedder.embed(textsOf(name), { prefix: '' })),
    );
    for (const [i, vector] of expected.entries()) {
      expect(greatestDifference(found[i], vector), textsOf(name)[i]).toBeLessThan(1e-6);
      expect(cosine(nearly[i], vector), textsOf(name)[i]).toBeGreaterThan(0.999);
    }
    await Promise.all([ours.release(), exact.release(), rounded.release()]);
  },

  /** The folder gives the same vectors, in a batch with padding, run as transformers.js runs it. */
  async ONNX(modelType) {
    const { name } = examples[modelType];
    const embedder = await openEmbedder(golden + name, { threads: 1 });
    const folder = join(root, `${name}-onnx`);
    const source = await openExportSource(golden + name);
    await saveOnnx(folder, source, { forms: ['fp32', 'q8'] });
    await source.close();
    const texts = textsOf(name).filter((text) => text !== '');
    const expected = await embedder.embed(texts, { prefix: '' });
    const [exact, inIntegers] = [
      await exportedVectors(folder, 'fp32', texts, embedder),
      await exportedVectors(folder, 'q8', texts, embedder),
    ];
    for (const [i, vector] of expected.entries()) {
      expect(greatestDifference(exact[i], vector), texts[i]).toBeLessThan(1e-5);
      expect(cosine(inIntegers[i], vector), texts[i]).toBeGreaterThan(0.99);
    }
    await embedder.release();
  },
};

/** Vectors of an exported model, made of its hidden states as the embedder makes its own. */
async function exportedVectors(folder: string, form: OnnxForm, texts: readonly string[], embedder: Embedder) {
  const { pooling, maxLength, normalize } = embedder.settings;
  const tokenizer = await loadTokenizer(folder);
  const model = await openExportedEncoderModel(join(folder, 'onnx', modelFileName(form)));
  expect(model.outputNames).toEqual(['last_hidden_state']);
  const ids = texts.map((text) => textIds(tokenizer, text, maxLength).ids);
  const states = await model.statesOf(ids, tokenizer.padId ?? 0);
  await model.release();
  const width = embedder.dimensions;
  return states.map((state, i) => {
    const { shares } = layOutTexts([ids[i]], { rows: 1, length: ids[i].length, pooling });
    const vector = new Float32Array(width);
    for (const [k, value] of state.entries()) vector[k % width] += shares[Math.floor(k / width)] * value;
    return normalize ? normalizeVector(vector) : vector;
  });
}

/** A model of other weights. */
async function shifted(folder: string, options: TrainableEmbedderOptions = {}) {
  const model = await openTrainableEmbedder(folder, options);
  for (const { weight } of model.parameters.values()) weight.set(weight.map((x, i) => x + 0.1 * Math.sin(i)));
  return model;
}

/** Their mean. @returns warnings */
async function mergeOf(folders: readonly string[], out: string): Promise<readonly string[]> {
  const models = folders.map((model) => `  - {model: '${model}', parameters: {weight: 0.5}}`);
  const text = ['merge_method: linear', 'dtype: float32', 'models:', ...models].join('\n');
  const { warnings } = await mergeModels(parseMergeRecipes(text, 'test')[0], out, { threads: 0, sync: false });
  return warnings;
}

/** An adapter that changes the vectors of a model, as a folder of PEFT. */
async function writtenAdapter(name: string): Promise<string> {
  const settings = { method: 'lora', r: 4, alpha: 8, targetModules: 'all-linear' } as const;
  const { adapter } = attachEncoderAdapter(await openAdaptableEmbedder(golden + name), settings, { seed: 1 });
  for (const { a, b } of adapter.modules.values()) {
    for (const values of [a, b]) values.set(values.map((_, i) => 0.2 * Math.sin(i)));
  }
  const folder = join(root, `given-adapter-${name}`);
  await saveAdapter(folder, adapter, { taskType: 'FEATURE_EXTRACTION' });
  return folder;
}

it('an adapter is merged into every form that is written', async () => {
  const name = 'minilm';
  const folder = await writtenAdapter(name);
  const source = await openExportSource(golden + name, { adapters: [{ adapter: await readAdapter(folder) }] });
  const [hf, gguf, onnx] = ['hf', 'model.gguf', 'onnx'].map((form) => join(root, `with-adapter-${form}`));
  await saveFolder(hf, source, { dtype: 'f32' });
  await saveGguf(gguf, source, { dtype: 'f32' });
  await saveOnnx(onnx, source, { forms: ['fp32'] });
  await source.close();
  const [adapted, plain, ofFolder, ofFile] = await Promise.all([
    openEmbedder(golden + name, { adapter: folder, threads: 1 }),
    openEmbedder(golden + name, { threads: 1 }),
    openEmbedder(hf, { threads: 1 }),
    openEmbedder(gguf, { threads: 1 }),
  ]);
  expect(ofFolder.settings).toEqual(adapted.settings);
  const texts = textsOf(name).slice(0, 3);
  const [expected, before, ...found] = [
    ...(await Promise.all([adapted, plain, ofFolder, ofFile].map((one) => one.embed(texts, { prefix: '' })))),
    await exportedVectors(onnx, 'fp32', texts, adapted),
  ];
  for (const [i, vector] of expected.entries()) {
    expect(cosine(before[i], vector)).toBeLessThan(0.99);
    for (const vectors of found) expect(greatestDifference(vectors[i], vector)).toBeLessThan(1e-5);
  }
  await Promise.all([adapted, plain, ofFolder, ofFile].map((one) => one.release()));
});

it('a GGUF file is written as a folder that makes the same vectors, and says so', async () => {
  const [file, folder] = [join(root, 'once.gguf'), join(root, 'once-more')];
  const source = await openExportSource(`${golden}bge`);
  const { notes } = await saveGguf(file, source, { dtype: 'f32' });
  await source.close();
  expect(notes).toContain('prompts before texts are not kept');
  expect(notes).toContain('that texts are cut behind 40 tokens is not kept');
  const again = await openExportSource(file);
  await saveFolder(folder, again, { dtype: 'f32' });
  await again.close();
  const [first, second] = await Promise.all([file, folder].map((path) => openEmbedder(path, { threads: 1 })));
  expect(second.settings).toEqual(first.settings);
  expect(second.settings.pooling).toBe('cls');
  const texts = textsOf('bge').slice(0, 3);
  expect(await second.embed(texts)).toEqual(await first.embed(texts));
  await Promise.all([first.release(), second.release()]);
});

it('a folder that says nothing about vectors is a GGUF file of their mean, as it is read', async () => {
  const [folder, file] = [join(root, 'says-nothing'), join(root, 'says-nothing.gguf')];
  await saveEncoder(folder, await loadEncoder(`${golden}minilm`), { dtype: 'f32' });
  const source = await openExportSource(folder);
  expect(source.modules).toBeUndefined();
  await saveGguf(file, source, { dtype: 'f32' });
  await source.close();
  const again = await openExportSource(file);
  await again.close();
  expect(again.modules?.pooling).toBe('mean');
});

it('a merge of models that make vectors in different ways goes on as the first, and says so', async () => {
  const [first, second, out] = ['by-mean', 'by-first', 'of-both'].map((place) => join(root, place));
  await saveEmbedder(first, await openTrainableEmbedder(`${golden}minilm`));
  await saveEmbedder(second, await shifted(`${golden}minilm`, { pooling: 'cls' }));
  expect(await mergeOf([first, second], out)).toEqual([expect.stringMatching(/by-first says cls about pooling.*mean/)]);
  const embedder = await openEmbedder(out, { threads: 1 });
  expect(embedder.settings.pooling).toBe('mean');
  await embedder.release();
});

describe.each(Object.keys(encoderArchitectures))('%s', (modelType) => {
  it.each(Object.keys(capabilities))('%s', { timeout: 60_000 }, async (capability) => {
    await capabilities[capability](modelType);
  });
});

it('is what the table in docs/models.md says', () => {
  const columns = Object.keys(capabilities);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['`model_type`', 'class', ...columns]),
    row(['---', '---', ...columns.map(() => '---')]),
    ...Object.entries(encoderArchitectures).map(([modelType, { className }]) =>
      row([modelType, className, ...columns.map(() => 'yes')]),
    ),
  ].join('\n');
  const text = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
  // The formatter aligns columns.
  expect(text.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---')).toContain(table);
});
