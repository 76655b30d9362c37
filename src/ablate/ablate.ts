/**
 * What each stage of a recipe brings: the chain of its stages is run whole and without some of them, at equal tokens and over
 * several seeds, and what was measured at the end is compared (QianfanHuijin, sections 2.1 and 6 of its sheet: removing a
 * stage should cost its own capability most). Everything is kept in one folder, so an ablation that was stopped goes on, and
 * chains that begin alike share the results of their beginning.
 */
import { InputError, UsageError } from '../errors.ts';
import type { LoadedRecipe } from '../recipe/load-recipe.ts';
import type { AblatedVariant, Ablation } from './ablation.ts';
import { openAblationFolder } from './ablation-folder.ts';
import { chainOf } from './chain.ts';
import { type ChainProgress, createTimeKeeper } from './chain-progress.ts';
import { differenceMatrix } from './difference-matrix.ts';
import { droppedStages, TOGETHER } from './dropped-stages.ts';
import { wholeChain, withoutStages } from './equal-tokens.ts';
import { type ChainOptions, type ChainResult, chainFolders, runChain } from './run-chain.ts';
import { writeAblation } from './write-ablation.ts';

const MOST_SEEDS = 100;

export interface AblateOptions extends ChainOptions {
  /** Folder of the ablation. */
  readonly out: string;
  /** See `droppedStages`. */
  readonly drop?: readonly string[];
  /** How many: that of the recipe and those that follow it. Default 1. */
  readonly seeds?: number;
  /** Told when a chain begins. */
  readonly onChain: (progress: ChainProgress) => void;
  /** What to type to get this ablation again, for the report. */
  readonly command: string;
}

/**
 * @returns what came out, which is also written as ablation.json and ablation.html
 * @throws UsageError for stages that cannot be dropped, seeds that are no number from 1 to 100 and a folder of other things;
 * InputError where the data changed since the first chain; and whatever a run throws, after which the same call goes on
 */
export async function ablate(
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  options: AblateOptions,
): Promise<Ablation> {
  const { out, drop, seeds: count = 1, onChain, onPart, command, ...running } = options;
  const seeds = seedsFrom(loaded.recipe.seed, count);
  const variants = droppedStages(loaded.recipe, drop);
  const { left } = chainOf(loaded.recipe);
  const recipe = wholeChain(loaded.recipe);
  const folder = await openAblationFolder(out, { recipe, folder: loaded.folder });
  try {
    if (left.length > 0) onPart(`not part of the chain and left out: ${left.join(', ')}`);
    const time = createTimeKeeper(seeds.length * (variants.length + 1));
    const runs: ChainResult[][] = [];
    for (const seed of seeds) {
      const run = async (variant: string, chain: typeof recipe) => {
        onChain(time.begin(variant, seed));
        const named = { name: `${variant}-seed-${seed}`, recipe: { ...chain, seed }, folder: loaded.folder };
        const result = await runChain(named, chainFolders(folder.path), { ...running, onPart });
        time.end(result.seconds);
        return result;
      };
      const whole = await run('full', recipe);
      const ofSeed = [whole];
      for (const dropped of variants) {
        ofSeed.push(await run(nameOf(dropped), withoutStages(recipe, dropped, whole.stages)));
      }
      runs.push(ofSeed);
    }
    requireSameData(runs.flat());
    const confidence = recipe.evaluation.bits_per_byte.confidence;
    const measured = (place: number) => runs.map((ofSeed) => ofSeed[place].measured);
    const costs = (place: number) => runs.map((ofSeed) => ofSeed[place].stages);
    const named = variants.map((dropped, i): AblatedVariant => {
      return { name: nameOf(dropped), dropped, costs: costs(i + 1) };
    });
    const matrix = differenceMatrix(
      measured(0),
      named.map(({ name }, i) => ({ name, measured: measured(i + 1) })),
      { seeds, confidence },
    );
    const ablation = { recipe, variants: [{ name: 'full', dropped: [], costs: costs(0) }, ...named], matrix, command };
    await writeAblation(ablation, folder.files);
    return ablation;
  } finally {
    await folder.release();
  }
}

const nameOf = (dropped: readonly string[]): string => `without-${dropped.join(TOGETHER)}`;

function seedsFrom(first: number, count: number): number[] {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SEEDS) {
    return Array.from({ length: count }, (_, i) => first + i);
  }
  throw new UsageError({
    field: '--seeds',
    found: String(count),
    expected: `a whole number from 1 to ${MOST_SEEDS}`,
    fix: 'Five seeds tell most of what more would.',
  });
}

/** Differences of other data would be no differences of stages. */
function requireSameData(chains: readonly ChainResult[]): void {
  const [first] = chains.map(({ data }) => JSON.stringify(data));
  if (chains.every(({ data }) => JSON.stringify(data) === first)) return;
  throw new InputError({
    field: 'data',
    found: 'other counts of documents than the first chain had',
    expected: 'the same data for all chains',
    fix: 'Ablate in another folder (--out), or put the data back.',
  });
}
