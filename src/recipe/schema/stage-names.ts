/** What stages are called: `cpt`, or `cpt-2` for the second of its kind, unless they have a name. */
import type { CheckedStage } from './stages.ts';

/** Kinds that give a model, which other stages can start from. */
const trainingKinds = ['cpt', 'sft', 'joint'] as const;
type TrainingKind = (typeof trainingKinds)[number];
export type StageKind = TrainingKind | 'evaluate' | 'export';

/** The name that stands for what the run starts from. */
export const BASE = 'base';

type AnyStage = { readonly [K in StageKind]?: unknown };

export function kindOf(stage: AnyStage): StageKind {
  const kind = [...trainingKinds, 'evaluate' as const, 'export' as const].find((key) => stage[key] !== undefined);
  if (kind === undefined) throw new Error('a stage of no kind');
  return kind;
}

export const isTraining = (stage: AnyStage): boolean => trainingKinds.some((kind) => stage[kind] !== undefined);

/** The name of each stage, in order. */
export function stageNames(stages: readonly CheckedStage[]): string[] {
  const seen = new Map<StageKind, number>();
  return stages.map((stage) => {
    const kind = kindOf(stage);
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    return stage.name ?? (nth === 1 ? kind : `${kind}-${nth}`);
  });
}

/** What each stage starts from: what it names, or the last stage before it that trains, or the base. */
export function stageInputs(stages: readonly CheckedStage[]): string[] {
  const names = stageNames(stages);
  let last = BASE;
  return stages.map((stage, index) => {
    const from = stage.from ?? last;
    if (isTraining(stage)) last = names[index];
    return from;
  });
}
