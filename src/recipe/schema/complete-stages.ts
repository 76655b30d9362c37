/** Defaults of stages that depend on the rest of the recipe: names, inputs, sets, and what a stage is judged by. */
import type { z } from 'zod';
import { weightAt } from '../../data/mixing.ts';
import { kindOfSource, type SourceKind } from '../../stages/data-set.ts';
import type { gate } from './gate.ts';
import { type CompleteMerge, completeMerge, mergedStages } from './merge.ts';
import type { weightSchedule } from './mixture.ts';
import type { CheckedDocument } from './recipe.ts';
import { retrievalMetrics } from './retrieval-metrics.ts';
import { type StageKind, stageInputs, stageNames } from './stage-names.ts';
import type { CheckedStage } from './stages.ts';

type Checked<K extends StageKind> = Extract<CheckedStage, Record<K, unknown>>[K &
  keyof Extract<CheckedStage, Record<K, unknown>>];

type Mixture = Record<string, z.output<typeof weightSchedule>>;
type Group = { documents: string[]; conversations: string[]; num_train_epochs: number };
type Gate = z.output<typeof gate> & { metrics: string[] };

type Head = { name: string; from: string };
export type CompleteStage = Head &
  (
    | { cpt: Checked<'cpt'> & { mixture: Mixture }; gate: Gate }
    | { sft: Checked<'sft'> & { on: string[] }; gate: Gate }
    | { joint: Omit<Checked<'joint'>, 'groups'> & { groups: Group[] }; gate: Gate }
    | { contrastive: Checked<'contrastive'> & { on: string[] }; gate: Gate }
    | { merge: CompleteMerge; gate: Gate }
    | { evaluate: Checked<'evaluate'> }
    | { export: Checked<'export'> }
  );

interface Surroundings {
  readonly data: CheckedDocument['data'];
  /** Sets whose bits per byte are measured. */
  readonly measured: readonly string[];
  /** Of the run. */
  readonly seed: number;
  /** Of the weights of its results. */
  readonly dtype: CheckedDocument['save']['dtype'];
}

export function completeStages(
  stages: readonly CheckedStage[],
  { data, measured, seed, dtype }: Surroundings,
): CompleteStage[] {
  const names = stageNames(stages);
  const inputs = stageInputs(stages);
  const setsOf = (kind: SourceKind) => Object.keys(data).filter((name) => kindOfSource(data[name]) === kind);
  const [documents, conversational, pairs] = [setsOf('documents'), setsOf('conversations'), setsOf('pairs')];
  const judgedBy = ({ metrics, ...rules }: z.output<typeof gate>, own: readonly string[]): Gate => {
    return { metrics: metrics ?? own.filter((name) => measured.includes(name)).map(bitsOf), ...rules };
  };
  const own = new Map<string, readonly string[]>();
  return stages.map((stage, index): CompleteStage => {
    const complete = completeOne(stage, index);
    if ('gate' in complete) own.set(complete.name, complete.gate.metrics);
    return complete;
  });

  function completeOne(stage: CheckedStage, index: number): CompleteStage {
    const head = { name: names[index], from: inputs[index] };
    if ('cpt' in stage) {
      const { mixture = evenly(documents), ...settings } = stage.cpt;
      return { ...head, cpt: { mixture, ...settings }, gate: judgedBy(stage.gate, heaviest(mixture)) };
    }
    if ('sft' in stage) {
      const { on = conversational, ...settings } = stage.sft;
      return { ...head, sft: { on, ...settings }, gate: judgedBy(stage.gate, on) };
    }
    if ('joint' in stage) {
      const groups = stage.joint.groups.map((group) => ({
        documents: group.documents ?? documents,
        conversations: group.conversations ?? conversational,
        num_train_epochs: group.num_train_epochs,
      }));
      const learnt = [...new Set(groups.flatMap((group) => group.conversations))];
      return { ...head, joint: { ...stage.joint, groups }, gate: judgedBy(stage.gate, learnt) };
    }
    if ('contrastive' in stage) {
      const { on = pairs, ...settings } = stage.contrastive;
      const { metrics = on.map((name) => retrievalMetrics(name)[0]), ...rules } = stage.gate;
      return { ...head, contrastive: { on, ...settings }, gate: { metrics, ...rules } };
    }
    if ('merge' in stage) {
      // A merge is for what the stages that it merges are for.
      const metrics = mergedStages(stage.merge).flatMap((name) => own.get(name) ?? []);
      const rules = judgedBy({ ...stage.gate, metrics: stage.gate.metrics ?? [...new Set(metrics)] }, []);
      return { ...head, merge: completeMerge(stage.merge, { seed, dtype }), gate: rules };
    }
    return { ...head, ...('evaluate' in stage ? { evaluate: stage.evaluate } : { export: stage.export }) };
  }
}

const bitsOf = (set: string): string => `bits_per_byte/${set}`;

const evenly = (sets: readonly string[]): Mixture => Object.fromEntries(sets.map((name) => [name, 1]));

/** What a mixture is for: the set that weighs most in the middle of the run, the first among equals; others are replay. */
function heaviest(mixture: Mixture): string[] {
  const weights = Object.entries(mixture).map(([name, schedule]) => ({ name, weight: weightAt(schedule, 0.5) }));
  const most = Math.max(...weights.map(({ weight }) => weight));
  return weights
    .filter(({ weight }) => weight === most)
    .slice(0, 1)
    .map(({ name }) => name);
}
