/** What the numbers of a run do not say. */
import { isPairSource } from '../../stages/pair-source.ts';
import { isModelStage } from '../stage.ts';
import type { RunSummary } from '../summary.ts';

const isPairs = (source: RunSummary['recipe']['data'][string] | undefined): boolean =>
  source !== undefined && isPairSource(source);

/** Sentences; the last ones hold for every run. */
export function unmeasured({ recipe, stages, merges, measurements, evaluations, data, state }: RunSummary): string[] {
  const measured = measurements[0]?.sets.map(({ name }) => name) ?? [];
  const sets = Object.keys(data).filter((name) => !measured.includes(name) && !isPairs(recipe.data[name]));
  const made = [...stages, ...merges];
  const unfinished = recipe.stages
    .filter((stage) => isModelStage(stage) && !made.some(({ name }) => name === stage.name))
    .map(({ name }) => name);
  const open = evaluations.filter(({ tasks }) => tasks === undefined).map(({ name }) => name);
  const unproved = made.flatMap(({ name, gate }) =>
    (gate?.metrics ?? [])
      .filter(({ improvement, limit }) => improvement === null || limit === null)
      .map(({ metric }) => `${metric} (${name})`),
  );
  const askedNothing = (measurements[0]?.tasks ?? []).length === 0 && evaluations.length === 0;
  return [
    state !== 'done' && `The run is ${state}: what comes after the stages above is missing.`,
    unfinished.length > 0 && `Stages without a result: ${unfinished.join(', ')}.`,
    open.length > 0 && `Evaluations without a result: ${open.join(', ')}.`,
    askedNothing && 'No task was asked: how well the model answers questions was not measured.',
    sets.length > 0 && `Sets of which no bits per byte were measured: ${sets.join(', ')}.`,
    unproved.length > 0 && `Too few items for a gate to tell: ${unproved.join(', ')}.`,
    `One seed (${recipe.seed}): intervals are over questions and documents, not over other runs of the same recipe.`,
    'Whether the base has seen the held-out text before, and whether what the model writes is safe or liked by people.',
  ].filter((sentence) => sentence !== false);
}
