/**
 * One chain of an ablation: a run of its recipe. All chains run in one folder and so share the results that they have in
 * common; what tells of one alone stands in a folder of its own.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { formatRecipe } from '../recipe/format-recipe.ts';
import type { Measured } from '../recipe/measure/measuring.ts';
import { rebasePaths } from '../recipe/rebase-paths.ts';
import { type RunOptions, runRecipe } from '../recipe/run-recipe.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import type { RunSummary } from '../recipe/summary.ts';
import { type ChainRecord, readChainRecord, writeChainRecord } from './chain-record.ts';
import { type Contents, contentsOf } from './contents.ts';
import type { StageCost } from './equal-tokens.ts';
import { readMeasured } from './measured-chain.ts';

/** Where the chains of an ablation run. */
export interface ChainFolders {
  /** The folder of the run that they share. */
  readonly run: string;
  /** Has a folder for each. */
  readonly chains: string;
}

export const chainFolders = (ablation: string): ChainFolders => {
  return { run: join(ablation, 'run'), chains: join(ablation, 'chains') };
};

export interface ChainToRun {
  /** Of its folder. */
  readonly name: string;
  readonly recipe: Recipe;
  /** Folder that paths of the recipe are relative to. */
  readonly folder: string;
}

export type ChainOptions = Omit<RunOptions, 'out' | 'selection' | 'prune' | 'shared' | 'commands'>;

export interface ChainResult {
  /** Of the stages that trained, in order. */
  readonly stages: readonly StageCost[];
  readonly measured: Measured;
  readonly contents: Contents;
  /** Whether it was run earlier. */
  readonly isKnown: boolean;
  /** Seconds that it took when it was run. */
  readonly seconds: number;
}

/** Runs a chain, or goes on with it, or takes what is known of it. @throws as `runRecipe` */
export async function runChain(chain: ChainToRun, folders: ChainFolders, options: ChainOptions): Promise<ChainResult> {
  const own = join(folders.chains, chain.name);
  await mkdir(own, { recursive: true });
  const recipe = formatRecipe(rebasePaths(chain.recipe, { from: chain.folder, to: own }));
  const hash = createHash('sha256').update(recipe).digest('hex');
  const file = join(own, 'chain.json');
  const known = await readChainRecord(file, hash);
  const kept = known && (await measuredChain(known, folders.run).catch(() => undefined));
  if (kept !== undefined) return { ...kept, isKnown: true };

  const recipeFile = join(own, 'recipe.yaml');
  await writeFileAtomically(recipeFile, recipe);
  const commands = [`finery run ${relative(folders.run, recipeFile)}`];
  const summary = await runRecipe(chain, { ...options, out: folders.run, shared: true, commands });
  await copyFile(join(folders.run, 'report.html'), join(own, 'report.html'));
  const record = await recordOf(summary, hash, folders.run);
  await writeChainRecord(file, record);
  return { ...(await measuredChain(record, folders.run)), isKnown: false };
}

async function recordOf(
  { recipe, stages, hashes, timing }: RunSummary,
  hash: string,
  run: string,
): Promise<ChainRecord> {
  const asked: Record<string, string> = {};
  for (const stage of recipe.stages) if ('evaluate' in stage) asked[stage.name] = await resultOfStage(stage.name, run);
  return {
    recipe: hash,
    stages: stages.map(({ name, steps, tokens }) => ({ name, steps, tokens })),
    contents: contentsOf(recipe, { base: hashes.base, data: hashes.data }),
    end: await resultOfStage(stages.at(-1)!.name, run),
    asked,
    seconds: timing.seconds,
  };
}

/** The name of the folder that `stages/<nn>-<name>` points to, which the next chain may point elsewhere. */
async function resultOfStage(name: string, run: string): Promise<string> {
  const links = join(run, 'stages');
  const link = (await readdir(links)).find((each) => each.replace(/^\d+-/, '') === name);
  if (link === undefined) throw new Error(`${links} has no link to the result of ${name}`);
  return basename(await realpath(join(links, link)));
}

async function measuredChain(
  { stages, contents, end, asked, seconds }: ChainRecord,
  run: string,
): Promise<Omit<ChainResult, 'isKnown'>> {
  const at = (result: string) => join(run, 'results', result);
  const places = new Map(Object.entries(asked).map(([stage, result]) => [stage, at(result)]));
  return { stages, contents, seconds, measured: await readMeasured({ end: at(end), asked: places }) };
}
