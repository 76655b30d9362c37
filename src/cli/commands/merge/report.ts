/** `finery merge --report`: what the models of a merge changed of their base, and whether it adds up, as `finery diff` tells it. */
import { resolve } from 'node:path';
import { writeFileAtomically } from '../../../files/atomic-write.ts';
import { diffModels, mostModels } from '../../../merge/diagnostics/diff-models.ts';
import { renderDiffReport } from '../../../merge/diagnostics/report/render-diff-report.ts';
import { type planRecipes, resultFolder } from '../../../merge/merge-recipes.ts';
import type { MergeRecipe } from '../../../merge/recipe/merge-recipe.ts';
import { formatCount, formatPlural } from '../../../observe/numbers.ts';
import { wrongValue } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

interface Compared {
  readonly name: string;
  readonly folder: string;
}

interface ReportedMerge {
  readonly base: Compared;
  readonly models: readonly Compared[];
}

/**
 * What a report on the last of the recipes compares.
 * @throws UsageError for a merge that has no report: without a base, of adapters, or of too many models
 */
export function reportedMerge(
  recipes: readonly MergeRecipe[],
  plans: Awaited<ReturnType<typeof planRecipes>>,
  out: string,
): ReportedMerge {
  const earlier = new Map(recipes.slice(0, -1).map(({ name }) => [name, resultFolder(out, name)]));
  const compared = plans.at(-1)!.models.map(({ reference, folder, isBase }) => {
    if (reference.includes('+')) throw wrongValue('--report', `the adapter ${reference}`, 'models without adapters');
    return { name: reference, folder: earlier.get(reference) ?? folder, isBase };
  });
  const base = compared.find(({ isBase }) => isBase);
  if (!base) throw wrongValue('--report', 'a merge without a base', 'a base_model, whose changes are compared');
  const models = compared.filter(({ isBase }) => !isBase);
  if (models.length > mostModels) {
    throw wrongValue('--report', formatPlural(models.length, 'model'), `at most ${formatCount(mostModels)}`);
  }
  return { base, models };
}

/** Writes the page to `path`. */
export async function writeMergeReport(
  { base, models }: ReportedMerge,
  path: string,
  terminal: Terminal,
): Promise<void> {
  const progress = terminal.progressLine();
  const folders = models.map(({ folder }) => folder);
  const diff = await diffModels(base.folder, folders, {
    names: [base, ...models].map(({ name }) => name),
    signal: terminal.signal,
    onProgress: ({ done, total }) => progress.update({ stage: 'report', step: done, total, unit: 'bytes' }),
  }).finally(() => progress.done());
  await writeFileAtomically(resolve(path), renderDiffReport(diff));
}
