/**
 * What is to be done, before anything is: each stage with the key of its result. A key is a hash of everything that the
 * result depends on, so equal keys are equal results, in whatever recipe they are asked for.
 */
import { createHash } from 'node:crypto';
import { bestMetric, type WatchSettings } from '../../stages/training-watch.ts';
import { mergedFolders, mergedStages } from '../schema/merge.ts';
import type { Recipe } from '../schema/recipe.ts';
import { BASE, kindOf, type StageKind } from '../schema/stage-names.ts';
import {
  isModelStage,
  isTrainingStage,
  type MergeStage,
  type Stage,
  setsOf,
  settingsOf,
  type TrainingStage,
} from '../stage.ts';

/** Results of another format are other results: raise it when the same settings come to mean something else. */
const FORMAT = 2;

export interface ResultId {
  readonly kind: StageKind | typeof BASE;
  /** SHA-256 in hexadecimal. */
  readonly key: string;
}

/** Name of a result's folder: `cpt-0123456789ab`. */
export const nameOfResult = ({ kind, key }: ResultId): string => `${kind}-${key.slice(0, 12)}`;

export interface PlannedStage {
  readonly stage: Stage;
  /** From 1, in the order of the recipe. */
  readonly number: number;
  readonly result: ResultId;
  /** The model that it starts from; that a merge is compared with. */
  readonly input: ResultId;
  /** Models of the run that a merge is made of, by the names that it gives them. */
  readonly merged?: ReadonlyMap<string, ResultId>;
}

export interface PlanInputs {
  /** Hash of the base model. */
  readonly base: string;
  /** Hash of what the folder of the base says about vectors. */
  readonly modules?: string;
  /** By set: hash of its training part. */
  readonly data: ReadonlyMap<string, string>;
  /** Hash of how and on what models are measured. */
  readonly measuring: string;
  /** By `evaluate` stage: hashes of the tasks that it asks, with their data. */
  readonly tasks: ReadonlyMap<string, readonly string[]>;
  /** Hashes of the folders that are merged, by their names in the recipe. */
  readonly folders: ReadonlyMap<string, string>;
}

export function planStages(
  { stages, seed, save }: Recipe,
  { base, modules, data, measuring, tasks, folders }: PlanInputs,
): PlannedStage[] {
  const models = new Map<string, ResultId>([[BASE, { kind: BASE, key: base }]]);
  const find = (name: string, { name: stage }: Stage): ResultId => {
    const found = models.get(name);
    if (found === undefined) throw new Error(`the stage ${stage} starts from ${name}, which is not there`);
    return found;
  };
  const planMerge = (stage: MergeStage) => {
    const merged = new Map(mergedStages(stage.merge).map((name) => [name, find(name, stage)]));
    const keys = [
      ...[...merged].map(([name, { key }]) => [name, key]),
      ...mergedFolders(stage.merge).map((name) => [name, folders.get(name)]),
    ];
    // What it is compared with has no part in what comes out.
    return { merged, result: { kind: 'merge', key: hashOf([FORMAT, 'merge', stage.merge, keys]) } as const };
  };
  const learntData = (stage: Stage) => setsOf(stage).map((name) => [name, data.get(name)]);
  return stages.map((stage, index) => {
    const input = find(stage.from, stage);
    if ('merge' in stage) {
      const planned = { stage, number: index + 1, input, ...planMerge(stage) };
      models.set(stage.name, planned.result);
      return planned;
    }
    const parts = () => {
      if (isTrainingStage(stage)) {
        const settings = decisiveSettings(stage);
        return { settings, data: learntData(stage), seed, dtype: save.dtype, ...(isChosen(settings) && { measuring }) };
      }
      if ('contrastive' in stage) {
        const { checkpoints: _, ...settings } = stage.contrastive;
        return { settings, data: learntData(stage), seed, dtype: save.dtype, ...(input.kind === BASE && { modules }) };
      }
      if ('export' in stage) return { settings: stage.export };
      return { settings: stage.evaluate, tasks: tasks.get(stage.name) };
    };
    const kind = kindOf(stage);
    const result = { kind, key: hashOf([FORMAT, kind, input.key, parts()]) };
    if (isModelStage(stage)) models.set(stage.name, result);
    return { stage, number: index + 1, result, input };
  });
}

/**
 * Without when checkpoints and events are written, which have no part in what comes out. Nor have samples of the result,
 * which are kept by what was asked; those on the way are a part of it.
 */
function decisiveSettings(stage: TrainingStage) {
  const { checkpoints: _, logging_steps: __, samples, ...settings } = settingsOf(stage);
  return samples?.every == null ? settings : { ...settings, samples };
}

/** Whether measurements decide when a stage ends or which of its models is the result. */
const isChosen = (settings: WatchSettings): boolean =>
  settings.early_stopping != null || bestMetric(settings) !== undefined;

/** The stages that cannot be what they are without that of a name: itself, and all that starts from its result. */
export function dependentsOf(name: string, plan: readonly PlannedStage[]): PlannedStage[] {
  const affected = new Set([name]);
  return plan.filter(({ stage }) => {
    const made = 'merge' in stage ? mergedStages(stage.merge) : [stage.from];
    if (!affected.has(stage.name) && !made.some((input) => affected.has(input))) return false;
    affected.add(stage.name);
    return true;
  });
}

export const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
