/** `--dry-run`: the chains that an ablation would run, and what they would take on this machine. Nothing is written. */
import type { LoadedRecipe } from '../recipe/load-recipe.ts';
import { type PlanRunOptions, planRun, type StageEstimate } from '../recipe/plan/plan-run.ts';
import type { StepTime } from '../recipe/plan/probe.ts';
import { type ChosenChains, planChains } from './ablation-plan.ts';
import type { StageCost } from './equal-tokens.ts';
import { chainFolders } from './run-chain.ts';

/** A stage as a run would make it, or as an earlier chain of the ablation has made it by then. */
type ChainStageEstimate = Omit<StageEstimate, 'state'> & { readonly state: StageEstimate['state'] | 'shared' };

export interface ChainEstimate {
  readonly variant: string;
  readonly seed: number;
  readonly stages: readonly ChainStageEstimate[];
  /** Tokens that its stages are trained on, padding left out, whoever makes them. */
  readonly tokens: number;
}

export interface AblationEstimate {
  readonly chains: readonly ChainEstimate[];
  /** Names of stages that are no part of the chains. */
  readonly left: readonly string[];
  /** Of training that is not finished and not shared. */
  readonly operations: number;
  readonly seconds: number;
  readonly memory: { readonly predicted: number; readonly available: number };
}

export interface EstimateOptions
  extends ChosenChains,
    Pick<PlanRunOptions, 'cacheDir' | 'signal' | 'onProgress' | 'onWarning'> {
  /** Folder that the ablation would have. */
  readonly out: string;
}

/**
 * Lengths of stages that take over tokens follow from what those of the whole chain would take if none ended early.
 * @throws UsageError as `planChains`, and as `planRun`
 */
export async function estimateAblation(
  { recipe, folder }: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  { out, drop, seeds: count, ...options }: EstimateOptions,
): Promise<AblationEstimate> {
  const { variants, seeds, left } = planChains(recipe, { drop, seeds: count });
  const { run } = chainFolders(out);
  const times = new Map<string, StepTime>();
  const made = new Set<string>();
  const chains: ChainEstimate[] = [];
  let memory = { predicted: 0, available: 0 };
  for (const seed of seeds) {
    const sets: NonNullable<PlanRunOptions['sets']> = new Map();
    let whole: { readonly stages: readonly StageCost[] } | undefined;
    for (const variant of variants) {
      const chain = { recipe: { ...variant.recipe(whole), seed }, folder };
      const estimate = await planRun(chain, { ...options, out: run, times, sets });
      if (estimate.memory.predicted > memory.predicted) memory = estimate.memory;
      const stages = estimate.stages.map((stage): ChainStageEstimate => {
        if (stage.state === 'finished' || !made.has(stage.result)) return stage;
        return { ...stage, state: 'shared' };
      });
      for (const { result } of stages) made.add(result);
      const costs = costsOf(stages);
      whole ??= { stages: costs };
      chains.push({ variant: variant.name, seed, stages, tokens: costs.reduce((sum, { tokens }) => sum + tokens, 0) });
    }
  }
  const ahead = chains.flatMap(({ stages }) => stages.filter(isAhead).flatMap(({ training }) => training ?? []));
  const total = (of: (training: (typeof ahead)[number]) => number) => ahead.reduce((sum, each) => sum + of(each), 0);
  return {
    chains,
    left,
    operations: total(({ operations }) => operations),
    seconds: total(({ seconds }) => seconds ?? 0),
    memory,
  };
}

const isAhead = ({ state }: ChainStageEstimate): boolean => state !== 'finished' && state !== 'shared';

const costsOf = (stages: readonly ChainStageEstimate[]): StageCost[] =>
  stages.flatMap(({ name, training }) =>
    training ? [{ name, steps: training.steps, tokens: training.unpadded }] : [],
  );
