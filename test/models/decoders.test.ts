/**
 * What each architecture can do beside computing what transformers computes (`src/objectives/causal-lm/program.test.ts`),
 * on the checkpoints of scripts/goldens. The table in docs/models.md is made of these results.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergeAdapters } from '../../src/adapters/merge.ts';
import { randomAdapter } from '../../src/adapters/testing/trained-adapter.ts';
import { saveGgufModel } from '../../src/checkpoint/gguf/save-gguf-model.ts';
import { openExportSource } from '../../src/export/export-source.ts';
import { openExportedDecoder } from '../../src/export/onnx/testing/exported-decoder.ts';
import { saveOnnx } from '../../src/export/save-onnx.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import { PlainCache } from '../../src/generate/cache/plain-cache.ts';
import { freeze } from '../../src/generate/frozen/freeze.ts';
import { mergeModels } from '../../src/merge/merge-models.ts';
import { parseMergeRecipes } from '../../src/merge/recipe/read-merge-recipe.ts';
import { readTensors } from '../../src/merge/testing/read-tensors.ts';
import type { Decoder } from '../../src/models/decoder.ts';
import { loadModel, type Model, saveModel } from '../../src/models/model.ts';
import { architectures, createDecoder } from '../../src/models/registry.ts';
import { CausalLmProgram, type ParameterArrays } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';
import { createAdamW } from '../../src/train/optimizers/adamw.ts';

const golden = new URL('../golden/decoders/', import.meta.url).pathname;
const engine = new Engine({ threads: 1 });
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-decoders-'));
});
afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true });
});

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

/** Those with heads of 16 channels, as the runtime's attention over a cache wants them. */
const checkpoints = readdirSync(golden).filter(
  (name) => createDecoder(json(`${golden}${name}/config.json`)).sizes.headSize % 16 === 0,
);

function batchOf(ids: readonly number[]) {
  const all = Int32Array.from(ids);
  const labels = all.map((_, i) => (i + 1 < all.length ? all[i + 1] : -1));
  return {
    rows: 1,
    length: all.length,
    ids: all,
    segments: all.map(() => 1),
    positions: all.map((_, i) => i),
    labels,
  };
}

const idsOf = (checkpoint: string): number[] => json(`${golden}${checkpoint}/expected.json`).ids[0];

async function logitsOf(
  model: { readonly decoder: Decoder; readonly parameters: ReadonlyMap<string, ParameterArrays> },
  ids: readonly number[],
): Promise<Float32Array> {
  const batch = batchOf(ids);
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, batch);
  const logits = (await program.logits(batch)).slice();
  program.release();
  return logits;
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < b.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
};

/** Logits [tokens, vocabulary] of the model as it generates, read in pieces. */
async function generatedLogits(model: Model, ids: readonly number[], pieces: readonly number[]): Promise<Float32Array> {
  const { decoder } = model;
  const { vocabulary } = decoder.sizes;
  const frozen = freeze(engine, model, { positions: ids.length });
  const cache = new PlainCache(engine, decoder, { slots: 1, capacity: 128 });
  const sequence = cache.open([0])!;
  const view = cache.view([sequence]);
  const logits = new Float32Array(ids.length * vocabulary);
  let at = 0;
  for (const length of pieces) {
    const step = frozen.prepare(view, { length, rows: Array.from({ length }, (_, i) => i) });
    const piece = ids.slice(at, at + length);
    await step.run(piece, [at]);
    sequence.append(piece);
    logits.set(step.logits, at * vocabulary);
    step.release();
    at += length;
  }
  view.release();
  frozen.release();
  return logits;
}

describe.each(checkpoints)('%s', (name) => {
  it('generates what the training segments compute, in pieces and token by token', async () => {
    const ids = idsOf(name);
    const model = await loadModel(golden + name);
    const expected = await logitsOf(model, ids);
    for (const pieces of [[ids.length], [ids.length - 8, 1, 7], ids.map(() => 1)]) {
      expect(worst(await generatedLogits(model, ids, pieces), expected), `${pieces}`).toBeLessThan(1e-4);
    }
  });
});

/** What can be done with an architecture; throws where it cannot. */
const capabilities: Readonly<Record<string, (checkpoint: string) => Promise<void>>> = {
  /** Every tensor goes out as it came in. */
  async load(checkpoint) {
    const out = join(root, `saved-${checkpoint}`);
    await saveModel(out, await loadModel(golden + checkpoint), { dtype: 'f32' });
    const [before, after] = [await readTensors(golden + checkpoint), await readTensors(out)];
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, values] of before) expect(after.get(name), name).toEqual(values);
  },

  /** One text is learnt by heart. */
  async train(checkpoint) {
    const model = await loadModel(golden + checkpoint, 'training');
    expect(await lossAfter(model, model.parameters.values(), 30)).toBeLessThan(0.25);
  },

  /** An adapter learns, and merged it computes what it computes beside the weights. */
  async LoRA(checkpoint) {
    const ids = idsOf(checkpoint);
    const model = await loadModel(golden + checkpoint);
    const plain = await logitsOf(model, ids);
    const settings = { method: 'lora', r: 4, alpha: 8, targetModules: 'all-linear' } as const;
    const learning = randomAdapter(model, settings, 2);
    expect(await lossAfter(learning, learning.trainable.values(), 30)).toBeLessThan(0.7);
    const adapted = randomAdapter(model, settings);
    const expected = await logitsOf(adapted, ids);
    mergeAdapters(model, [{ adapter: adapted.adapter }]);
    expect(worst(await logitsOf(model, ids), expected)).toBeLessThan(5e-4);
    expect(worst(plain, expected)).toBeGreaterThan(0.5);
  },

  /** The mean of two models loads, and has the mean of their weights. */
  async merge(checkpoint) {
    const other = await loadModel(golden + checkpoint);
    for (const { weight } of other.parameters.values()) weight.set(weight.map((x, i) => x + Math.sin(i)));
    const [second, out] = [join(root, `other-${checkpoint}`), join(root, `merged-${checkpoint}`)];
    await saveModel(second, other, { dtype: 'f32' });
    const models = [golden + checkpoint, second].map((model) => `  - {model: '${model}', parameters: {weight: 0.5}}`);
    const text = ['merge_method: linear', 'dtype: float32', 'models:', ...models].join('\n');
    await mergeModels(parseMergeRecipes(text, 'test')[0], out, { threads: 0, sync: false });
    const [first, merged] = [await loadModel(golden + checkpoint), await loadModel(out)];
    for (const [name, { weight }] of merged.parameters) {
      const mean = first.parameters.get(name)!.weight.map((x, i) => (x + other.parameters.get(name)!.weight[i]) / 2);
      expect(worst(weight, mean), name).toBeLessThan(1e-6);
    }
  },

  async generate(checkpoint) {
    const ids = idsOf(checkpoint);
    const model = await loadModel(golden + checkpoint);
    const found = await generatedLogits(model, ids, [ids.length]);
    expect(worst(found, await logitsOf(model, ids))).toBeLessThan(1e-4);
  },

  /** The model in the file computes what the folder's does. */
  async GGUF(checkpoint) {
    const ids = idsOf(checkpoint);
    const loaded = await loadModel(golden + checkpoint);
    const config = { ...loaded.config, ...settingsWithForm[String(loaded.config.model_type)] };
    const decoder = createDecoder(config);
    const path = join(root, `${checkpoint}.gguf`);
    const tensors = decoder.parameters.map(({ name, shape }) => {
      return { name, shape, data: loaded.parameters.get(name)!.weight };
    });
    await saveGgufModel(path, { config, tensors, tokenizer: undefined, dtype: 'f32' });
    const expected = await logitsOf({ ...loaded, decoder }, ids);
    expect(worst(await logitsOf(await loadModel(path), ids), expected)).toBeLessThan(1e-4);
  },

  /** The model in the folder computes the same, in pieces over its cache, run as transformers.js runs it. */
  async ONNX(checkpoint) {
    const ids = idsOf(checkpoint);
    const folder = join(root, `${checkpoint}-onnx`);
    const source = await openExportSource(golden + checkpoint);
    await saveOnnx(folder, source, { forms: ['fp32'] });
    await source.close();
    const exported = await openExportedDecoder(join(folder, 'onnx', 'model.onnx'));
    const found = await exported.readInPieces(ids, [ids.length - 8, 1, 7]);
    await exported.release();
    expect(worst(found, await logitsOf(await loadModel(golden + checkpoint), ids))).toBeLessThan(1e-4);
  },
};

/** In place of settings of the checkpoints that llama.cpp has nothing for. */
const settingsWithForm: Readonly<Record<string, JsonObject>> = {
  mistral: { sliding_window: null },
  gemma2: { query_pre_attn_scalar: 16 },
  gemma3_text: { query_pre_attn_scalar: 16, sliding_window_pattern: 6 },
};

/** Loss on one text after some steps, as a share of the loss before. */
async function lossAfter(
  model: { readonly decoder: Decoder; readonly parameters: ReadonlyMap<string, ParameterArrays> },
  trained: Parameters<typeof createAdamW>[0],
  steps: number,
): Promise<number> {
  const batch = batchOf(Array.from({ length: 24 }, (_, i) => (i * 17 + 5) % model.decoder.sizes.vocabulary));
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { ...batch, whole: false });
  const optimizer = createAdamW(trained, { weightDecay: 0 });
  const losses: number[] = [];
  for (let step = 0; step <= steps; step++) {
    losses.push(await program.forwardBackward(batch, { labelWeight: 1 / 23, accumulate: false }));
    optimizer.step({ learningRate: 0.03 });
  }
  program.release();
  return losses[steps] / losses[0];
}

/** The first checkpoint of an architecture. */
const exampleOf = (modelType: string): string =>
  checkpoints.find((name) => json(`${golden}${name}/config.json`).model_type === modelType)!;

describe.each(Object.keys(architectures))('%s', (modelType) => {
  it.each(Object.keys(capabilities))('%s', (capability) => capabilities[capability](exampleOf(modelType)));
});

it('is what the table in docs/models.md says', () => {
  const columns = Object.keys(capabilities);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['`model_type`', 'class', ...columns]),
    row(['---', '---', ...columns.map(() => '---')]),
    ...Object.entries(architectures).map(([modelType, { className }]) =>
      row([modelType, className, ...columns.map(() => 'yes')]),
    ),
  ].join('\n');
  const text = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
  // The formatter aligns columns.
  expect(text.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---')).toContain(table);
});
