/**
 * What each stage of a recipe brings: the chain of its stages is run whole and without some of them, at equal tokens and over
 * several seeds, and what was measured at the end is compared (QianfanHuijin, sections 2.1 and 6 of its sheet: removing a
 * stage should cost its own capability most). Everything is kept in one folder, so an ablation that was stopped goes on, and
 * chains that begin alike share the results of their beginning.
 */
import type { LoadedRecipe } from '../recipe/load-recipe.ts';
import { type Ablation, unequalTokens } from './ablation.ts';
import { openAblationFolder } from './ablation-folder.ts';
import { type ChosenChains, planChains } from './ablation-plan.ts';
import { differenceMatrix } from './difference-matrix.ts';
import { type ChainOptions, chainFolders } from './run-chain.ts';
import { runVariants, type VariantsOptions } from './run-variants.ts';
import { writeAblation } from './write-ablation.ts';

export interface AblateOptions extends ChosenChains, ChainOptions, Pick<VariantsOptions, 'onChain'> {
  /** Folder of the ablation. */
  readonly out: string;
  /** What to type to get this ablation again, for the report. */
  readonly command: string;
}

/**
 * @returns what came out, which is also written as ablation.json and ablation.html
 * @throws UsageError for stages that cannot be dropped, seeds that are no number from 1 to 100 and a folder of other things;
 * InputError where base or data changed since a chain was run; and whatever a run throws, after which the same call goes on
 */
export async function ablate(
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  options: AblateOptions,
): Promise<Ablation> {
  const { out, drop, seeds: count, command, ...running } = options;
  const { chain: recipe, left, variants: chains, seeds } = planChains(loaded.recipe, { drop, seeds: count });
  const folder = await openAblationFolder(out, { recipe, folder: loaded.folder });
  try {
    if (left.length > 0) options.onPart(`not part of the chain and left out: ${left.join(', ')}`);
    const folders = chainFolders(folder.path);
    const results = await runVariants(chains, { ...running, seeds, folders, root: loaded.folder });
    const variants = chains.map(({ name, dropped }, i) => {
      return { name, dropped, costs: results[i].map(({ stages }) => stages) };
    });
    for (const message of unequalTokens(variants)) options.onWarning(message);
    const measured = chains.map(({ name }, i) => ({ name, measured: results[i].map((chain) => chain.measured) }));
    const { confidence } = recipe.evaluation.bits_per_byte;
    const matrix = differenceMatrix(measured[0].measured, measured.slice(1), { seeds, confidence });
    const ablation = { recipe, variants, matrix, command };
    await writeAblation(ablation, folder.files);
    return ablation;
  } finally {
    await folder.release();
  }
}
