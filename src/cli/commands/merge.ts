/** `finery merge`: models of one architecture into one, by a recipe in mergekit's language; or adapters, in PEFT's words. */
import type { Command } from 'commander';
import { namesAdapters, parseAdapterRecipe } from '../../merge/adapters/adapter-recipe.ts';
import { mergeRecipes, planRecipes, resultFolder } from '../../merge/merge-recipes.ts';
import { inputBytes } from '../../merge/plan/make-plan.ts';
import type { MergePlan } from '../../merge/plan/merge-plan.ts';
import type { PlanMergeOptions } from '../../merge/plan-merge.ts';
import type { MergeRecipe } from '../../merge/recipe/merge-recipe.ts';
import { parseMergeRecipes, readMergeRecipeText } from '../../merge/recipe/read-merge-recipe.ts';
import { formatBytes, formatCount, formatPlural } from '../../observe/numbers.ts';
import { formatFields } from '../layout.ts';
import { modelFolder } from '../model-folder.ts';
import { integer, wrongValue } from '../option-values.ts';
import { printable, type Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly dryRun?: true;
  readonly threads?: number;
  readonly shardSize?: number;
  readonly strict?: true;
  readonly sync: boolean;
  readonly report?: string;
}

const details = `
The recipe is a YAML file in mergekit's language; docs/merging.md describes it and the methods.
Weights stream from the models to the result: memory does not grow with the models. A merge that
was interrupted goes on where it was when the same command is given again.

A recipe that names adapters makes one LoRA adapter of several, in the forms of PEFT's
add_weighted_adapter:

  adapters: [runs/filings/adapter, runs/news/adapter]
  weights: [0.7, 0.3]
  combination_type: ties_svd
  density: 0.5`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Merges models of one architecture into a new Hugging Face folder, or LoRA adapters into one.')
    .argument('<recipe>', 'a merge recipe (YAML)')
    .argument('<out>', 'the folder to make')
    .option('--dry-run', 'check recipe and models, print the plan, write nothing')
    .option('--threads <n>', 'threads to compute with; default all cores, at most 4', integer('--threads', 1, 64))
    .option('--shard-size <bytes>', 'most bytes per file of weights; default 5e9', integer('--shard-size', 1))
    .option('--report <file>', 'also write the page of finery diff: what the models changed of the base')
    .option('--strict', 'refuse models that do not come from the base, instead of warning')
    .option('--no-sync', 'do not wait until the disk has everything')
    .addHelpText('after', details)
    .action((recipe: string, out: string, options: Options) => merge(recipe, out, options, terminal));
}

async function merge(path: string, out: string, options: Options, terminal: Terminal): Promise<void> {
  const { dryRun, threads, shardSize: shardBytes, strict, sync, report } = options;
  const text = await readMergeRecipeText(path);
  if (namesAdapters(text, path)) {
    refuseForAdapters(options);
    const { mergeAdapterRecipe } = await import('./merge/adapters.ts');
    return mergeAdapterRecipe(parseAdapterRecipe(text, path), out, { dryRun }, terminal);
  }
  const recipes = parseMergeRecipes(text, path);
  const planning = { shardBytes, strict, resolve: (name: string) => modelFolder(name, terminal) };
  if (dryRun) {
    const planned = await planRecipes(recipes, planning);
    if (report !== undefined) {
      const { reportedMerge } = await import('./merge/report.ts');
      reportedMerge(recipes, planned, out);
    }
    const plans = planned.map((plan, index) => ({
      plan,
      out: index === recipes.length - 1 ? out : resultFolder(out, recipes[index].name),
    }));
    const documents = plans.map((each) => planDocument(each.plan, each.out));
    await terminal.print(documents.length === 1 ? documents[0] : { recipes: documents }, () =>
      plans.map((each) => describePlan(each.plan, each.out, terminal.style)).join('\n\n'),
    );
    for (const { plan } of plans) for (const warning of plan.warnings) terminal.warn(printable(warning));
    return;
  }
  const writeReport = report === undefined ? undefined : await reporter(recipes, out, report, planning, terminal);
  const line = terminal.progressLine();
  const started = performance.now();
  try {
    const outcome = await mergeRecipes(recipes, out, {
      ...planning,
      threads,
      sync,
      signal: terminal.signal,
      onProgress: ({ phase, done, total }) => line.update({ stage: phase, step: done, total }),
    });
    line.done();
    const seconds = (performance.now() - started) / 1000;
    for (const warning of outcome.warnings) terminal.warn(printable(warning));
    await writeReport?.();
    await terminal.print({ out, ...outcome, seconds, report }, () =>
      formatFields(
        [
          ['model', terminal.style.bold(printable(out))],
          [
            'tensors',
            `${formatCount(outcome.tensors)}${outcome.resumed > 0 ? `, ${formatCount(outcome.resumed)} from before` : ''}`,
          ],
          ['size', formatBytes(outcome.bytes)],
          ['time', `${seconds.toFixed(1)} s`],
          ...(report === undefined ? [] : [['report', printable(report)] as const]),
        ],
        terminal.style,
      ),
    );
  } finally {
    line.done();
  }
}

/** What is asked of the report is checked before the merge, and its code loaded only then. */
async function reporter(
  recipes: readonly MergeRecipe[],
  out: string,
  path: string,
  planning: PlanMergeOptions,
  terminal: Terminal,
): Promise<() => Promise<void>> {
  const { reportedMerge, writeMergeReport } = await import('./merge/report.ts');
  const merge = reportedMerge(recipes, await planRecipes(recipes, planning), out);
  return () => writeMergeReport(merge, path, terminal);
}

function refuseForAdapters({ threads, shardSize, strict, sync, report }: Options): void {
  const given = {
    '--threads': threads,
    '--shard-size': shardSize,
    '--strict': strict,
    '--no-sync': sync ? undefined : true,
    '--report': report,
  };
  for (const [option, value] of Object.entries(given)) {
    if (value !== undefined) throw wrongValue(option, 'it with a recipe of adapters', 'models to merge');
  }
}

function planDocument(plan: MergePlan, out: string) {
  return {
    out,
    method: plan.method.name,
    models: plan.models,
    tensors: plan.jobs.map(({ name, shape, output, method, settings, base, models }) => ({
      name,
      shape,
      dtype: output.dtype,
      method,
      settings,
      sources: [...(base ? [base] : []), ...models].map(({ id, parameters }) => ({ model: id, parameters })),
    })),
    files: plan.layout.files.map(({ name, bytes }) => ({ name, bytes })),
    companions: [...plan.companions.keys()],
    bytes: plan.layout.bytes,
    reads: inputBytes(plan),
    warnings: plan.warnings,
  };
}

function describePlan(plan: MergePlan, out: string, style: Style): string {
  const { method, models, jobs, layout, companions } = plan;
  const types = [...new Set(jobs.map(({ output }) => output.dtype))];
  const files = [...layout.files.map(({ name }) => name), ...companions.keys()];
  return formatFields(
    [
      ['result', style.bold(printable(out))],
      ['method', `${method.name} ${style.dim(method.reference)}`],
      ['equation', method.equation],
      [
        'models',
        models
          .map(({ reference, isBase }) => `${printable(reference)}${isBase ? style.dim(' (base)') : ''}`)
          .join('\n'),
      ],
      ['tensors', `${formatPlural(jobs.length, 'tensor')} as ${types.join(', ')}`],
      ['writes', `${formatBytes(layout.bytes)} in ${formatPlural(layout.files.length, 'file')}`],
      ['reads', `${formatBytes(inputBytes(plan))} in each pass`],
      ['files', files.join(', ')],
    ],
    style,
  );
}
