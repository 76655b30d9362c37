/**
 * What a recipe costs beyond the training itself: ten tiny stages beside one stage of as many steps, with the samples that
 * stages take unless told and without, and the same recipe given again, when there is nothing to do. Processor time of all
 * threads, medians; one Markdown table on stdout. Fails where ten stages cost more than a second of it beyond the one.
 *
 *   npm run build:kernels && node --import tsx bench/recipe-overhead.ts [--stages 10] [--steps 4] [--runs 5]
 *
 * Models are measured between the stages as in a real run, on few documents. The first run is not counted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveRecipe } from '../src/recipe/resolve-recipe.ts';
import { runRecipe } from '../src/recipe/run-recipe.ts';
import type { RecipeDocument } from '../src/recipe/schema/recipe.ts';

const { values } = parseArgs({
  options: {
    stages: { type: 'string', default: '10' },
    steps: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
  },
});
const [stages, steps, runs] = [values.stages, values.steps, values.runs].map(Number);
const limit = 1;
const [rows, length] = [4, 64];

/** Stages that are alike in all but their names. */
function recipeOf(count: number, stepsOfEach: number, { samples }: { readonly samples: boolean }) {
  const config = {
    model_type: 'llama',
    vocab_size: 400,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: length,
    tie_word_embeddings: true,
  };
  const cpt = {
    tokens: stepsOfEach * rows * length,
    batch: { rows, length },
    evaluation: { every: null },
    ...(samples ? {} : { samples: null }),
  };
  const document: RecipeDocument = {
    name: 'overhead',
    engine: { threads: 1 },
    base: { init: { config, tokenizer: { train: { on: ['finance'], vocab_size: 400 } } } },
    data: { finance: { finworld: { world: 'finance', documents: 60, held_out_documents: 6 } } },
    evaluation: { bits_per_byte: { length, max_documents: 3 } },
    stages: Array.from({ length: count }, (_, i) => ({ name: `stage-${i + 1}`, cpt })),
  };
  return resolveRecipe(document);
}

const root = mkdtempSync(join(tmpdir(), 'finery-overhead-'));
let folders = 0;

/** Processor seconds of a run, and seconds of the clock. */
async function timed(recipe: ReturnType<typeof recipeOf>, out: string): Promise<Times> {
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  const nothing = () => {};
  await runRecipe(
    { recipe, folder: root },
    {
      out: join(root, out),
      cacheDir: join(root, 'cache'),
      onProgress: nothing,
      onWarning: nothing,
      onPart: nothing,
      onMemory: nothing,
      commands: [],
    },
  );
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000 };
}

interface Times {
  readonly cpu: number;
  readonly wall: number;
}

const series = [true, false].map((samples) => ({
  samples,
  one: recipeOf(1, stages * steps, { samples }),
  many: recipeOf(stages, steps, { samples }),
  times: { one: [] as Times[], many: [] as Times[], again: [] as Times[] },
}));
try {
  for (let run = 0; run <= runs; run++) {
    for (const { one, many, times } of series) {
      const out = `many-${++folders}`;
      const [first, second] = [await timed(one, `one-${folders}`), await timed(many, out)];
      const third = await timed(many, out);
      // The first reads the code, compiles it and fills the cache of tokens.
      if (run === 0) continue;
      times.one.push(first);
      times.many.push(second);
      times.again.push(third);
    }
    process.stderr.write(`${run}/${runs}\n`);
  }
} finally {
  rmSync(root, { recursive: true });
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const cpuOf = (times: readonly Times[]) => median(times.map(({ cpu }) => cpu));
const row = (title: string, samples: boolean, times: readonly Times[]) => {
  const wall = median(times.map((time) => time.wall));
  return `| ${title} | ${samples ? 'yes' : 'no'} | ${cpuOf(times).toFixed(2)} | ${wall.toFixed(2)} |`;
};
const lines = ['| recipe | samples | processor s | clock s |', '| --- | --- | ---: | ---: |'];
const verdicts: string[] = [];
for (const { samples, times } of series) {
  lines.push(
    row(`one stage of ${stages * steps} steps`, samples, times.one),
    row(`${stages} stages of ${steps} steps`, samples, times.many),
    row('the same given again', samples, times.again),
  );
  const beyond = cpuOf(times.many) - cpuOf(times.one);
  verdicts.push(
    `Beyond the one stage, ${samples ? 'with' : 'without'} samples: ${beyond.toFixed(2)} s (asked for: ${limit}).`,
  );
  if (beyond > limit) process.exitCode = 1;
}
console.log([...lines, '', ...verdicts].join('\n'));
