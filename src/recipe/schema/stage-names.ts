/** What stages are called: `cpt`, or `cpt-2` for the second of its kind, unless they have a name. */
import { isStageName, type MergeDocument } from './merge.ts';
import type { CheckedStage } from './stages.ts';

/** Kinds that give a language model, which other stages can start from. */
const modelKinds = ['cpt', 'sft', 'joint', 'merge'] as const;
const kinds = [...modelKinds, 'contrastive', 'evaluate', 'export'] as const;
export type StageKind = (typeof kinds)[number];

/** The name that stands for what the run starts from. */
export const BASE = 'base';

type AnyStage = { readonly [K in StageKind]?: unknown };

export function kindOf(stage: AnyStage): StageKind {
  const kind = kinds.find((key) => stage[key] !== undefined);
  if (kind === undefined) throw new Error('a stage of no kind');
  return kind;
}

const givesModel = (stage: AnyStage): boolean => modelKinds.some((kind) => stage[kind] !== undefined);

/** Whether a stage can start from what another gives: one that only makes vectors is for those that do the same. */
export const canStartFrom = (stage: AnyStage, other: AnyStage): boolean =>
  givesModel(other) || (stage.contrastive !== undefined && other.contrastive !== undefined);

/** Whether a run needs no language model. */
export const makesVectorsOnly = (stages: readonly AnyStage[]): boolean =>
  stages.every(({ contrastive }) => contrastive !== undefined);

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

/** What each stage starts from: what it names, or the last stage before it that it can start from, or the base. */
export function stageInputs(stages: readonly CheckedStage[]): string[] {
  const names = stageNames(stages);
  return stages.map((stage, index) => {
    if (stage.from !== undefined) return stage.from;
    if ('merge' in stage) return ancestorOf(stage.merge);
    const last = stages.slice(0, index).findLastIndex((other) => canStartFrom(stage, other));
    return last < 0 ? BASE : names[last];
  });
}

/** What a merge is compared with: where its models came from, if that is a model of the run. */
function ancestorOf({ base_model: base }: MergeDocument): string {
  return typeof base === 'string' && isStageName(base) ? base : BASE;
}
