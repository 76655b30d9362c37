/**
 * FinDAP at small scale (Ke et al. 2025, arXiv:2501.04961; V3 and V4 of its sheet): what continual pretraining does to a
 * model that follows a chat template, alone, before fine-tuning, and joined with it, at equal tokens over several seeds.
 * `FINERY_SEEDS` sets how many (default 5). `FINERY_VERIFY_FOLDER` keeps the chains, so that a run that was stopped goes on.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DifferenceMatrix, differenceMatrix } from '../../src/ablate/difference-matrix.ts';
import { lastingFor, wholeChain, withoutStages } from '../../src/ablate/equal-tokens.ts';
import { type ChainResult, chainFolders } from '../../src/ablate/run-chain.ts';
import { runVariants, type Variant } from '../../src/ablate/run-variants.ts';
import { matrixTable } from '../../src/cli/ablate/matrix-table.ts';
import { createStyle } from '../../src/cli/style.ts';
import { resolveRecipe } from '../../src/recipe/resolve-recipe.ts';
import { runRecipe } from '../../src/recipe/run-recipe.ts';
import type { Recipe, RecipeDocument } from '../../src/recipe/schema/recipe.ts';
import { isTrainingStage } from '../../src/recipe/stage.ts';
import type { RunSummary } from '../../src/recipe/summary.ts';

const seeds = Array.from({ length: Number(process.env.FINERY_SEEDS ?? 5) }, (_, i) => i + 1);
const tasks = fileURLToPath(new URL('findap/', import.meta.url));

const batch = { rows: 6, length: 256 };
const data: RecipeDocument['data'] = {
  // Lessons on concepts of finance: the facts that are to be learnt.
  finance: {
    finworld: { world: 'finance', documents: 1500, held_out_documents: 60, seed: 3, genres: ['concept-lesson'] },
  },
  general: { finworld: { world: 'general', documents: 3000, held_out_documents: 60, seed: 3 } },
};
const chats = (seed: number): RecipeDocument['data'] => ({
  chats: { finworld_questions: { kinds: ['sentiment', 'lookup'], questions: 800, held_out_questions: 40, seed } },
});
const evaluation: RecipeDocument['evaluation'] = {
  bits_per_byte: { on: ['finance', 'general'], length: 192 },
  tasks: {
    on: ['template-sentiment.yaml', 'template-lookup.yaml', 'finworld_facts'],
    limit: 80,
    num_fewshot: 0,
    chat: true,
  },
};
const training = { batch, learning_rate: 3e-3, lr_scheduler_type: 'linear', evaluation: { every: null } } as const;

/** A model of 0.15M parameters (section 7 of the sheet of FinMoE) that knows everyday prose and a template to answer in. */
const instructed = resolveRecipe({
  name: 'instructed',
  engine: { threads: 1 },
  base: {
    init: {
      config: {
        model_type: 'llama',
        vocab_size: 1024,
        hidden_size: 64,
        intermediate_size: 128,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        num_key_value_heads: 2,
        max_position_embeddings: 256,
        tie_word_embeddings: true,
      },
      tokenizer: { train: { on: ['finance', 'general'], vocab_size: 1024 } },
    },
  },
  data: { ...data, ...chats(11) },
  evaluation,
  stages: [
    { name: 'pretrain', cpt: { mixture: { general: 1 }, tokens: 600_000, ...training, learning_rate: 5e-3 } },
    { name: 'instruct', joint: { groups: [{ documents: ['general'], conversations: ['chats'] }], ...training } },
  ],
});

const arm = (stages: RecipeDocument['stages']): Recipe =>
  wholeChain(
    resolveRecipe({
      name: 'findap',
      engine: { threads: 1 },
      base: { checkpoint: 'instructed/stages/02-instruct/checkpoint' },
      data: { ...data, ...chats(12) },
      evaluation,
      stages,
    }),
  );

const sequential = arm([
  { name: 'cpt', cpt: { mixture: { finance: 1, general: 1 }, tokens: 200_000, ...training } },
  { name: 'it', sft: { on: ['chats'], num_train_epochs: 1, ...training } },
]);
const jointOn = (...documents: string[]): Recipe =>
  arm([{ name: 'joint', joint: { groups: [{ documents, conversations: ['chats'] }], ...training } }]);

/** As many steps as the first arm took, of batches of the same size. */
function asLong(recipe: Recipe, { stages }: ChainResult): Recipe {
  const steps = stages.reduce((sum, stage) => sum + stage.steps, 0);
  return {
    ...recipe,
    stages: recipe.stages.map((stage) => (isTrainingStage(stage) ? lastingFor(stage, steps) : stage)),
  };
}

const arms: readonly Variant[] = [
  { name: 'cpt-then-it', recipe: () => sequential },
  { name: 'cpt-only', recipe: (first) => withoutStages(sequential, ['it'], first!.stages) },
  { name: 'joint', recipe: (first) => asLong(jointOn('finance', 'general'), first!) },
  { name: 'joint-finance-only', recipe: (first) => asLong(jointOn('finance'), first!) },
];

let root: string;
let seedModel: RunSummary;
let results: readonly (readonly ChainResult[])[];
let matrix: DifferenceMatrix;
const kept = process.env.FINERY_VERIFY_FOLDER;

beforeAll(async () => {
  root = kept === undefined ? mkdtempSync(join(tmpdir(), 'finery-findap-')) : join(kept, 'findap');
  mkdirSync(root, { recursive: true });
  cpSync(tasks, root, { recursive: true });
  const talk = (message: string): void => void process.stderr.write(`${message}\n`);
  const running = {
    cacheDir: join(root, 'cache'),
    onProgress: () => {},
    onWarning: () => {},
    onPart: () => {},
    onMemory: () => {},
  };
  talk('the model that follows a template');
  const out = join(root, 'instructed');
  seedModel = await runRecipe({ recipe: instructed, folder: root }, { ...running, out, commands: [] });
  results = await runVariants(arms, {
    ...running,
    seeds,
    root,
    folders: chainFolders(root),
    onChain: ({ variant, seed, number, total }) => talk(`chain ${number} of ${total}: ${variant}, seed ${seed}`),
  });
  const [first, ...others] = arms.map(({ name }, i) => ({
    name,
    measured: results[i].map(({ measured }) => measured),
  }));
  matrix = differenceMatrix(first.measured, others, { seeds, confidence: 0.95 });
  talk(matrixTable(matrix, { style: createStyle(false), width: 110 }));
  talk(`the seed: ${JSON.stringify(scoresOfSeed())}`);
}, 3_600_000);
afterAll(() => {
  if (kept === undefined && existsSync(root)) rmSync(root, { recursive: true });
});

/** What the model that all arms start from scores, by metric. */
function scoresOfSeed(): Record<string, number> {
  const { sets, tasks = [] } = seedModel.measurements.at(-1)!;
  return Object.fromEntries([
    ...sets.map(({ name, value }) => [`bits_per_byte/${name}`, value]),
    ...tasks.map(({ task, value }) => [task, value]),
  ]);
}

const templates = ['template_sentiment', 'template_lookup'];

/** Of an arm, by seed. */
function valuesOf(arm: string, metric: string): readonly (number | null)[] {
  const column = matrix.columns.findIndex(({ name }) => name === metric);
  const row = matrix.rows.find(({ name }) => name === arm);
  return row ? row.cells[column].values : matrix.columns[column].whole;
}

const verdictOf = (arm: string, metric: string): string =>
  matrix.rows.find(({ name }) => name === arm)!.cells[matrix.columns.findIndex(({ name }) => name === metric)].verdict;

it('compares arms of equal tokens', () => {
  const totals = results.map((bySeed) =>
    bySeed.map(({ stages }) => stages.reduce((sum, { tokens }) => sum + tokens, 0)),
  );
  for (const arm of totals) for (const [i, tokens] of arm.entries()) expect(tokens / totals[0][i]).toBeCloseTo(1, 1);
});

it('loses the template by pretraining alone, and keeps it with instructions behind or among the documents (V3)', () => {
  for (const task of templates) {
    expect(scoresOfSeed()[task]).toBeGreaterThan(0.8);
    for (const value of valuesOf('cpt-only', task)) expect(value).toBeLessThan(0.1);
    for (const arm of ['cpt-then-it', 'joint']) {
      for (const value of valuesOf(arm, task)) expect(value).toBeGreaterThan(0.8);
    }
  }
});

it('reads finance better when both are joined than when one follows the other, and follows the template as well (V3)', () => {
  expect(verdictOf('joint', 'bits_per_byte/finance')).toBe('better');
  for (const task of templates) expect(verdictOf('joint', task)).not.toBe('worse');
});

it('answers questions on facts hardly better than by guessing one of four, whatever the arm', () => {
  for (const { name } of arms) {
    for (const value of valuesOf(name, 'finworld_facts')) expect(Math.abs(value! - 0.25)).toBeLessThan(0.1);
  }
});

it('keeps everyday prose with as much of it as of finance, and loses it without (V4)', () => {
  const seed = scoresOfSeed()['bits_per_byte/general'];
  for (const value of valuesOf('joint', 'bits_per_byte/general')) expect(value! / seed).toBeLessThan(1.02);
  for (const value of valuesOf('joint-finance-only', 'bits_per_byte/general'))
    expect(value! / seed).toBeGreaterThan(1.02);
});
