/**
 * How long two large vocabularies take to unite: processor seconds of the plan of a merge with `tokenizer: {source: union}`,
 * and of the whole merge of two narrow models.
 *
 *   npx tsx bench/merge-vocabularies.ts [--tokens 250000]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeModels } from '../src/merge/merge-models.ts';
import { planMerge } from '../src/merge/plan-merge.ts';
import { parseMergeRecipes } from '../src/merge/recipe/read-merge-recipe.ts';
import { toyConfig, toyLlama, writeToyModel } from '../src/merge/testing/toy-model.ts';

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '250000' } } });
const tokens = Number(values.tokens);

/** Tokens that the second vocabulary has beside those of the first, and as many that it lacks. */
const different = Math.floor(tokens / 50);

const folder = await mkdtemp(join(tmpdir(), 'finery-merge-vocabularies-'));
try {
  for (const [seed, name] of ['a', 'b'].entries()) {
    const options = { hidden: 8, layers: 1, vocabulary: tokens, seed };
    await writeToyModel(join(folder, name), toyLlama(options), { config: toyConfig(options), dtype: 'bf16' });
    const text = (i: number): string => `token ${i + seed * different}`;
    const vocab = Object.fromEntries(Array.from({ length: tokens }, (_, i) => [text(i), tokens - 1 - i]));
    const merges = Array.from({ length: tokens }, (_, i) => ['token', ` ${i + seed * different}`]);
    const definition = { model: { type: 'BPE', vocab, merges }, added_tokens: [] };
    await writeFile(join(folder, name, 'tokenizer.json'), JSON.stringify(definition));
  }
  const models = ['a', 'b'].map((model) => ({ model, parameters: { weight: 1 } }));
  const document = { merge_method: 'linear', models, tokenizer: { source: 'union', pad_to_multiple_of: 64 } };
  const [recipe] = parseMergeRecipes(JSON.stringify(document), 'bench');
  const options = { resolve: async (name: string) => join(folder, name), threads: 0, sync: false };
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    const [busy, wall] = [(user + system) / 1e6, (performance.now() - start) / 1000];
    console.log(`| ${name} | ${busy.toFixed(1)} | ${wall.toFixed(1)} |`);
  };
  console.log(`| ${tokens} tokens each | processor s | wall s |\n| --- | --- | --- |`);
  await measure('plan', () => planMerge(recipe, options));
  await measure('plan and merge', () => mergeModels(recipe, join(folder, 'out'), options));
} finally {
  await rm(folder, { recursive: true });
}
