/**
 * Continual pretraining on real text, over several seeds, beside a control that gets as many tokens of general text
 * only. Runs are kept and gone on with, so the script may be stopped and started again; Ctrl-C saves first.
 *
 *   node --import tsx scripts/real-text.ts --data FOLDER [--runs FOLDER] [--seeds 1,2,3]
 *
 * FOLDER holds corpus/finance and corpus/general. The base is made by recipes/nano-base.yaml and kept outside the
 * repository; each run is recipes/first-run.yaml with the settings that are printed. The result is a Markdown table.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DocumentScore, relativeChange } from '../src/eval/bits-per-byte.ts';
import { cacheFolder } from '../src/files/cache-folder.ts';
import { createProgressLine } from '../src/observe/progress.ts';
import { loadRecipe } from '../src/recipe/load-recipe.ts';
import { readAllScores } from '../src/recipe/measure/kept-scores.ts';
import type { Scores } from '../src/recipe/measure/summarise.ts';
import { runRecipe } from '../src/recipe/run-recipe.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: cacheFolder('runs') },
    seeds: { type: 'string', default: '1,2,3' },
  },
});
if (values.data === undefined) throw new Error('--data FOLDER: where corpus/finance and corpus/general are');

const corpus = (path: string) => resolve(values.data!, 'corpus', path);
const runs = resolve(values.runs);
const recipe = (name: string) => fileURLToPath(new URL(`../recipes/${name}.yaml`, import.meta.url));
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

const general = { files: [corpus('general/*.jsonl.gz')], held_out: { share: 0.06 } };
const finance = {
  files: ['fed_speeches', 'fomc_minutes', 'sec_10k', 'openstax_*'].map((name) => corpus(`finance/${name}.jsonl.gz`)),
  // Filings of one company repeat each other from year to year; what has no company is held out by itself.
  held_out: { share: 0.06, group: { field: 'company' } },
};

async function run(name: string, folder: string, settings: Readonly<Record<string, unknown>>): Promise<string> {
  const out = join(runs, folder);
  const set = Object.entries(settings).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  console.error(`\n${folder}: finery run recipes/${name}.yaml ${set.map((change) => `--set '${change}'`).join(' ')}`);
  const line = createProgressLine(process.stderr);
  await runRecipe(await loadRecipe(recipe(name), { set }), {
    out,
    cacheDir: cacheFolder('tokens'),
    signal: interruption.signal,
    onProgress: (progress) => line.update(progress),
    onWarning: (message) => console.error(message),
    onPart: () => {},
    onMemory: () => {},
    commands: [],
  });
  line.done();
  return out;
}

const stage = (out: string, name: string): Promise<Scores> => readAllScores(join(out, 'stages', name));

const base = await run('nano-base', 'nano-base', { 'data.general': general });
const checkpoint = join(base, 'stages/01-cpt/checkpoint');
const seeds = values.seeds.split(',').map(Number);
const results: { seed: number; base: Scores; adapted: Scores; control: Scores }[] = [];
for (const seed of seeds) {
  const shared = {
    seed,
    'base.checkpoint': checkpoint,
    'data.finance': finance,
    'data.general': general,
    'stages.0.cpt.tokens': 1_500_000,
    'stages.0.cpt.learning_rate': 1.5e-3,
    'stages.0.cpt.evaluation.every': null,
  };
  const adapted = await run('first-run', `real-finance-${seed}`, {
    ...shared,
    name: `real-finance-${seed}`,
    'stages.0.cpt.mixture': { finance: 0.5, general: 0.5 },
  });
  const control = await run('first-run', `real-control-${seed}`, {
    ...shared,
    name: `real-control-${seed}`,
    'stages.0.cpt.mixture': { general: 1 },
  });
  results.push({
    seed,
    base: await stage(adapted, '00-base'),
    adapted: await stage(adapted, '01-cpt'),
    control: await stage(control, '01-cpt'),
  });
}

const percent = (value: number) => `${value <= 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}%`;
const bits = (scores: readonly DocumentScore[]) => {
  const sum = (of: (score: DocumentScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  return sum(({ nats }) => nats) / Math.LN2 / sum(({ bytes }) => bytes);
};

console.log('| seed | held-out text | documents | base | control | finance | against the base | against the control |');
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const { seed, base, adapted, control } of results) {
  for (const set of ['finance', 'general']) {
    const all = adapted.get(set)!;
    for (const source of [undefined, ...new Set(all.map((score) => score.source))]) {
      const part = (scores: Scores) => {
        const documents = scores.get(set)!;
        return source === undefined ? documents : documents.filter((score) => score.source === source);
      };
      const change = (before: Scores) => {
        const { value, low, high } = relativeChange(part(before), part(adapted), { confidence: 0.95, seed });
        return `${percent(value)} (${percent(low)} to ${percent(high)})`;
      };
      const name = source === undefined ? `**${set}**` : source.replace(/\.jsonl\.gz$/, '');
      const columns = [base, control, adapted].map((scores) => bits(part(scores)).toFixed(3));
      const cells = [seed, name, part(adapted).length, ...columns, change(base), change(control)];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
}
