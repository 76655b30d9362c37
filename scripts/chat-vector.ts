/**
 * Whether the change that general instructions make to a base, added to one that was pretrained on finance, makes it reply
 * to questions about finance as it is asked to (docs/chat-vector.md): recipes/chat-vector.yaml over several seeds. The weight
 * of the instruction vector is chosen on one half of the held-out documents, and everything else is told of the other half.
 * Runs are kept and gone on with, so the script may be stopped and started again; Ctrl-C saves first. Prints Markdown.
 *
 *   node --import tsx scripts/chat-vector.ts --data FOLDER --base FOLDER [--runs FOLDER] [--seeds 1,2,3] [--set a.b=v]...
 *
 * --data holds corpus/finance and corpus/general; --base is what recipes/nano-base.yaml makes.
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../src/files/cache-folder.ts';
import { diffModels } from '../src/merge/diagnostics/diff-models.ts';
import { createProgressLine } from '../src/observe/progress.ts';
import { loadRecipe } from '../src/recipe/load-recipe.ts';
import { runRecipe } from '../src/recipe/run-recipe.ts';
import { type MeasuredSeed, readSeed } from './chat-vector/measured-seed.ts';
import {
  differencesTable,
  halvesTable,
  modelsTable,
  scanTable,
  seedsTable,
  vectorsTable,
} from './chat-vector/tables.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    base: { type: 'string' },
    runs: { type: 'string', default: cacheFolder('runs') },
    seeds: { type: 'string', default: '1,2,3' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const { data, base } = values;
if (data === undefined || base === undefined) throw new Error('--data FOLDER --base FOLDER: the texts and the model');

const recipe = fileURLToPath(new URL('../recipes/chat-vector.yaml', import.meta.url));
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

async function run(seed: number): Promise<string> {
  const out = join(resolve(values.runs), `chat-vector-${seed}`);
  const line = createProgressLine(process.stderr);
  const set = [`seed=${seed}`, `variables.data=${resolve(data!)}`, `variables.base=${resolve(base!)}`, ...values.set];
  console.error(`\n${out}: finery run recipes/chat-vector.yaml ${set.map((change) => `--set ${change}`).join(' ')}`);
  await runRecipe(await loadRecipe(recipe, { set }), {
    out,
    cacheDir: cacheFolder('tokens'),
    signal: interruption.signal,
    onProgress: (progress) => line.update(progress),
    onWarning: (message) => console.error(message),
    onPart: (title) => console.error(title),
    onMemory: () => {},
    commands: [],
  });
  line.done();
  return out;
}

const seeds: MeasuredSeed[] = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const folder = await run(seed);
  const checkpoint = (stage: string) => join(folder, 'stages', stage, 'checkpoint');
  const diff = await diffModels(resolve(base), [checkpoint('01-cpt'), checkpoint('02-sft')], {
    signal: interruption.signal,
  });
  seeds.push({ seed, models: await readSeed(folder), diff });
}
const { table, chosen } = scanTable(seeds);
console.log(`${halvesTable(seeds)}\n\n${table}\n\nChosen: ${chosen}.\n`);
for (const print of [modelsTable, differencesTable, seedsTable]) console.log(`${print(seeds, chosen)}\n`);
console.log(vectorsTable(seeds));
