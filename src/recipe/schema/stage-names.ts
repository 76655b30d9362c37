/** What stages are called: `cpt`, or `cpt-2` for the second of its kind, unless they have a name. */
import { isStageName, type MergeDocument } from './merge.ts';
import type { CheckedStage } from './stages.ts';

/** Kinds that give a model, which other stages can start from. */
const modelKinds = ['cpt', 'sft', 'joint', 'merge'] as const;
export type StageKind = (typeof modelKinds)[number] | 'evaluate' | 'export';

/** The name that stands for what the run starts from. */
export const BASE = 'base';

type AnyStage = { readonly [K in StageKind]?: unknown };

export function kindOf(stage: AnyStage): StageKind {
  const kind = [...modelKinds, 'evaluate' as const, 'export' as const].find((key) => stage[key] !== undefined);
  if (kind === undefined) throw new Error('a stage of no kind');
  return kind;
}

export const givesModel = (stage: AnyStage): boolean => modelKinds.some((kind) => stage[kind] !== undefined);

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

/** What each stage starts from: what it names, or the last stage before it that gives a model, or the base. */
export function stageInputs(stages: readonly CheckedStage[]): string[] {
  const names = stageNames(stages);
  let last = BASE;
  return stages.map((stage, index) => {
    const from = stage.from ?? ('merge' in stage ? ancestorOf(stage.merge) : last);
    if (givesModel(stage)) last = names[index];
    return from;
  });
}

/** What a merge is compared with: where its models came from, if that is a model of the run. */
function ancestorOf({ base_model: base }: MergeDocument): string {
  return typeof base === 'string' && isStageName(base) ? base : BASE;
}
