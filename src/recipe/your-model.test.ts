/** recipes/your-model.yaml on a model and documents of somebody else: the shapes of Qwen2.5-0.5B, made small. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdapter } from '../adapters/peft/read-adapter.ts';
import { generateFinance } from '../finworld/index.ts';
import { initModel, loadModel, saveModel } from '../models/model.ts';
import { loadTokenizer, tokenizerOf } from '../tokenizer/load.ts';
import { trainTokenizer } from '../tokenizer/train/train.ts';
import { loadRecipe } from './load-recipe.ts';
import { runRecipe } from './run-recipe.ts';

const path = fileURLToPath(new URL('../../recipes/your-model.yaml', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-your-model-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const vocabulary = 640;

/** A random model whose vocabulary has rows beyond its tokenizer, as Qwen2.5's has, and a folder of documents. */
async function write(): Promise<{ readonly model: string; readonly documents: string; readonly tokens: number }> {
  const documents = join(folder, 'documents');
  mkdirSync(join(documents, 'news'), { recursive: true });
  const texts = [...generateFinance({ seed: 3, split: 'train', documents: 80 })].map(({ text }) => text);
  for (const [i, text] of texts.entries()) {
    writeFileSync(join(documents, i % 2 === 0 ? `${i}.txt` : `news/${i}.txt`), text);
  }
  const tokenizer = tokenizerOf((await trainTokenizer(texts, { vocabSize: 512 })).files);
  const config = {
    model_type: 'qwen2',
    vocab_size: vocabulary,
    hidden_size: 112,
    intermediate_size: 608,
    num_hidden_layers: 2,
    num_attention_heads: 7,
    num_key_value_heads: 1,
    max_position_embeddings: 256,
    rope_theta: 1e6,
    rms_norm_eps: 1e-6,
    // Wider than is usual: a frozen head with small rows could tell tokens apart by little.
    initializer_range: 0.1,
    tie_word_embeddings: true,
  };
  const model = join(folder, 'model');
  await saveModel(model, initModel(config, { seed: 5, tokenizer, purpose: 'inference' }), { dtype: 'bf16' });
  return { model, documents, tokens: tokenizer.vocabSize };
}

it('is a recipe as it stands, for a model of the hub', async () => {
  const { recipe, notes } = await loadRecipe(path);
  expect(recipe.base).toEqual({ checkpoint: 'Qwen/Qwen2.5-0.5B' });
  expect(recipe.stages).toMatchObject([
    {
      cpt: {
        mixture: { documents: 1 },
        adapter: { method: 'lora', r: 16 },
        learning_rate: 2e-4,
        batch: { length: 512 },
      },
      gate: { metrics: ['bits_per_byte/documents'] },
    },
  ]);
  // Nothing is left to what the model turns out to be: the same recipe gives the same plan before it is fetched.
  expect(notes).toEqual([]);
});

describe('with another model and a folder of text', () => {
  it('learns their language by an adapter, and leaves a model that loads anywhere', async () => {
    const { model, documents, tokens } = await write();
    const loaded = await loadRecipe(path, {
      set: [
        `variables.model=${model}`,
        `variables.documents=${documents}`,
        'variables.tokens=8192',
        'variables.length=128',
        'stages.0.cpt.batch.gradient_accumulation_steps=2',
        'stages.0.cpt.learning_rate=0.01',
        'engine.threads=1',
        'data.general.finworld.held_out_documents=3',
        'evaluation.bits_per_byte.rows=8',
        'evaluation.bits_per_byte.max_documents=8',
        'stages.0.cpt.samples.max_tokens=8',
        'stages.0.cpt.evaluation.every=null',
      ],
    });
    const warnings: string[] = [];
    const out = join(folder, 'run');
    const summary = await runRecipe(loaded, {
      out,
      cacheDir: join(folder, 'cache'),
      onProgress: () => {},
      onWarning: (message) => warnings.push(message),
      onPart: () => {},
      onMemory: () => {},
      commands: [],
    });
    const change = summary.measurements[1].sets.find(({ name }) => name === 'documents')!.change!;
    expect(change.high).toBeLessThan(-0.1);
    expect(summary.measurements.map(({ samples }) => samples.length)).toEqual([2, 2]);
    expect(summary.data.documents.heldOutDocuments).toBeGreaterThan(1);

    const stage = join(out, 'stages/01-cpt');
    expect(readdirSync(stage)).toEqual(expect.arrayContaining(['adapter', 'checkpoint']));
    const { modules, settings } = await readAdapter(join(stage, 'adapter'));
    expect([modules.size, settings.r]).toEqual([2 * 7, 16]);
    const [before, after] = await Promise.all([model, join(stage, 'checkpoint')].map((place) => loadModel(place)));
    const table = 'model.embed_tokens.weight';
    expect(tokens).toBeLessThan(vocabulary);
    expect(after.parameters.get(table)!.weight).toEqual(before.parameters.get(table)!.weight);
    expect(after.parameters.get('model.layers.0.mlp.up_proj.weight')!.weight).not.toEqual(
      before.parameters.get('model.layers.0.mlp.up_proj.weight')!.weight,
    );
    expect((await loadTokenizer(join(stage, 'checkpoint'))).hash).toBe(before.tokenizer!.hash);
  }, 60_000);
});
