/**
 * What tokens of a domain bring: a small model of general text gets tokens learnt on finance text, which begin as the mean
 * of their pieces or as random rows, and goes on with finance text. Bits per byte of held-out finance documents, before and
 * after as many bytes of training, with the 95% interval of the measurement.
 *
 *   node --import tsx scripts/vocabulary-extension.ts [seed]
 *
 * The result is a Markdown table. Made documents repeat themselves: nothing follows for real text but that the parts fit.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../src/files/json-file.ts';
import { generateFinance } from '../src/finworld/index.ts';
import { loadRecipe } from '../src/recipe/load-recipe.ts';
import { runRecipe } from '../src/recipe/run-recipe.ts';
import type { RunSummary } from '../src/recipe/summary.ts';
import { loadTokenizer } from '../src/tokenizer/load.ts';
import { extendModel } from '../src/vocabulary/extend-model.ts';

const seed = Number(process.argv[2] ?? 1);
const documents = 400;
const newTokens = 400;
/** Of the general model, and of each that goes on: rows of 128 tokens, 8 in a step. */
const [generalSteps, financeSteps] = [300, 150];
const tokensOfStep = 8 * 128;

const root = await mkdtemp(join(tmpdir(), 'finery-vocabulary-'));
const config = {
  model_type: 'llama',
  vocab_size: 800,
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  tie_word_embeddings: true,
};

async function run(name: string, base: JsonObject, set: string, tokens: number): Promise<RunSummary> {
  const path = join(root, `${name}.yaml`);
  const data = Object.fromEntries(
    ['general', 'finance'].map((world) => [world, { finworld: { world, documents, held_out_documents: 40 } }]),
  );
  const training = { batch: { rows: 8, length: 128 }, learning_rate: 2e-3, evaluation: { every: null } };
  const recipe = {
    name,
    seed,
    base,
    data,
    evaluation: { bits_per_byte: { length: 128 } },
    stages: [{ name: 'train', cpt: { mixture: { [set]: 1 }, tokens, ...training }, gate: { metrics: [] } }],
  };
  await writeFile(path, JSON.stringify(recipe));
  return runRecipe(await loadRecipe(path, { set: [] }), {
    out: join(root, name),
    cacheDir: join(root, 'tokens'),
    onProgress: () => {},
    onWarning: (message) => console.error(message),
    onPart: (title) => console.error(`${name}: ${title}`),
    onMemory: () => {},
    commands: [],
  });
}

/** Bits per byte of finance text, of the base and of the result. */
const figures = ({ measurements }: RunSummary) =>
  measurements.map(({ sets }) => {
    const { value, low, high } = sets.find(({ name }) => name === 'finance')!;
    return `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  });

try {
  const tokenizer = { train: { on: ['general'], vocab_size: config.vocab_size } };
  await run('general', { init: { config, tokenizer } }, 'general', generalSteps * tokensOfStep);
  const general = join(root, 'general/stages/01-train/checkpoint');
  const texts = [...generateFinance({ seed, split: 'train', documents })].map(({ text }) => text);
  const options = { tokens: newTokens, minFrequency: 10, seed } as const;
  for (const rows of ['pieces', 'random'] as const) {
    await extendModel(general, texts, join(root, rows), { ...options, rows });
  }
  const lengthWith = async (folder: string): Promise<number> => {
    const { encode } = await loadTokenizer(folder);
    return texts.reduce((sum, text) => sum + encode(text).length, 0);
  };
  const before = await lengthWith(general);
  console.log('| vocabulary | tokens | length of finance text | bits per byte | after training on finance |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  const models = {
    'of general text': general,
    'extended, means': join(root, 'pieces'),
    'extended, random': join(root, 'random'),
  };
  for (const [name, folder] of Object.entries(models)) {
    const length = await lengthWith(folder);
    const tokens = Math.round((financeSteps * tokensOfStep * length) / before);
    const [bits, after] = figures(await run(name.replaceAll(/\W+/g, '-'), { checkpoint: folder }, 'finance', tokens));
    const { vocabSize } = await loadTokenizer(folder);
    console.log(`| ${name} | ${vocabSize} | ${Math.round((100 * length) / before)}% | ${bits} | ${after} |`);
  }
} finally {
  await rm(root, { recursive: true });
}
