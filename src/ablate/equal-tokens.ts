/**
 * Chains without some of their stages, at the tokens of the whole chain. What a dropped stage was trained on goes to the
 * next stage of the chain that is left, or where none follows to the last one before it. That stage takes as many steps
 * more as give so many tokens, by the tokens that its steps had in the whole chain; its schedule stretches with it. Every
 * stage before the first that is dropped stays what it is, so its result is that of the whole chain.
 */

import type { Recipe } from '../recipe/schema/recipe.ts';
import { selectStages } from '../recipe/select-stages.ts';
import { isTrainingStage, settingsOf, type TrainingStage } from '../recipe/stage.ts';
import { chainOf } from './chain.ts';

/** What a stage of the whole chain took. */
export interface StageCost {
  readonly name: string;
  readonly steps: number;
  /** Padding left out. */
  readonly tokens: number;
}

/** The chain alone: what is on other ways is left out, and a gate warns where it would end the run. */
export function wholeChain(recipe: Recipe): Recipe {
  const { trained, asked } = chainOf(recipe);
  const names = new Set([...trained, ...asked].map(({ name }) => name));
  const stages = recipe.stages
    .filter(({ name }) => names.has(name))
    .map((stage) => (isTrainingStage(stage) ? { ...stage, gate: { ...stage.gate, on_fail: 'warn' as const } } : stage));
  return { ...recipe, stages };
}

/**
 * @param chain a recipe of one chain
 * @param dropped names of its stages, not all of them
 * @param costs of all its stages
 */
export function withoutStages(chain: Recipe, dropped: readonly string[], costs: readonly StageCost[]): Recipe {
  const gained = gainedSteps(costs, dropped);
  const { stages, ...rest } = selectStages(chain, { skip: dropped });
  return {
    ...rest,
    stages: stages.map((stage) => {
      const steps = isTrainingStage(stage) ? gained.get(stage.name) : undefined;
      return steps === undefined ? stage : lastingFor(stage as TrainingStage, steps);
    }),
  };
}

/** By stage that takes over something: its steps in all. */
function gainedSteps(costs: readonly StageCost[], dropped: readonly string[]): Map<string, number> {
  const left = costs.filter(({ name }) => !dropped.includes(name));
  const tokens = new Map<StageCost, number>();
  for (const [place, cost] of costs.entries()) {
    if (left.includes(cost)) continue;
    const taker = costs.slice(place).find((later) => left.includes(later)) ?? left.at(-1)!;
    tokens.set(taker, (tokens.get(taker) ?? taker.tokens) + cost.tokens);
  }
  return new Map([...tokens].map(([{ name, steps, tokens: own }, all]) => [name, Math.round((steps * all) / own)]));
}

/** The stage with another length. */
export function lastingFor(stage: TrainingStage, steps: number): TrainingStage {
  if ('sft' in stage) return { ...stage, sft: { ...stage.sft, max_steps: steps } };
  if ('joint' in stage) return { ...stage, joint: { ...stage.joint, max_steps: steps } };
  const { rows, length, gradient_accumulation_steps: passes } = settingsOf(stage).batch;
  return { ...stage, cpt: { ...stage.cpt, tokens: steps * rows * length * passes } };
}
