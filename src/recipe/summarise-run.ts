/** All that the report of a run tells, from what was done and measured. */
import { elementCount } from '../graph/tensor.ts';
import type { Encoder } from '../models/encoder.ts';
import { readEvents } from '../observe/events.ts';
import type { StageResult } from '../stages/train-stage.ts';
import { readBaseCard } from './base-card.ts';
import type { GateResult } from './gate.ts';
import { readMeasuredTasks } from './measure/measured-task.ts';
import type { MeasuredModel } from './measure/measuring.ts';
import { summarise } from './measure/summarise.ts';
import { summariseTasks } from './measure/summarise-tasks.ts';
import { type MemoryPlan, peakMemory } from './memory-plan.ts';
import { nameOfResult, type PlannedStage } from './plan/plan-stages.ts';
import { shapeOfPairStage, shapeOfStage } from './plan/stage-shape.ts';
import { encoderOf, isPairwise, type LanguageModel, languageOf, type Prepared } from './prepare.ts';
import type { EmbeddingOutcome } from './results/outcome.ts';
import { ResultStore } from './results/result-store.ts';
import type { RunFolder, RunState } from './run-folder.ts';
import { modelsNamed } from './schema/merge.ts';
import { BASE } from './schema/stage-names.ts';
import { isTrainingStage, type ModelStage, type TrainingStage } from './stage.ts';
import type { EvaluationSummary, Measurement, MergeSummary, RunSummary, StageSummary } from './summary.ts';

/** A stage that gave a model, now or before. */
export interface FinishedStage {
  readonly planned: PlannedStage & { readonly stage: ModelStage };
  /** What it told of training; undefined for a merge. */
  readonly training: StageResult | EmbeddingOutcome | undefined;
  readonly gate: GateResult;
}

interface Facts {
  readonly run: RunFolder;
  readonly prepared: Prepared;
  /** By key of the model. */
  readonly measured: ReadonlyMap<string, MeasuredModel>;
  readonly state: RunState;
  readonly timing: RunSummary['timing'];
  readonly memory: MemoryPlan;
  readonly commands: readonly string[];
}

export async function summariseRun(finished: readonly FinishedStage[], facts: Facts): Promise<RunSummary> {
  const { run, prepared, measured, state, timing, memory, commands } = facts;
  const { recipe } = run;
  const store = new ResultStore(run.path);
  const options = { confidence: recipe.evaluation.bits_per_byte.confidence, seed: recipe.seed };
  const base = measured.get(prepared.base.key)!;
  const measurement = (at: string, key: string, tokensSeen: number): Measurement => {
    const { bits, tasks, samples } = measured.get(key)!;
    const before = at === BASE ? undefined : base;
    const sets = summarise(bits, before?.bits, options);
    const figures = summariseTasks(tasks, before?.tasks, options);
    return { at, tokensSeen, sets, ...(figures.length > 0 && { tasks: figures }), samples };
  };
  const seen = new Map([[prepared.base.key, 0]]);
  const measurements = finished.map(({ planned: { stage, input, merged, result }, training }) => {
    const sources = merged === undefined ? [input] : [...merged.values()];
    const tokens = sources.reduce((sum, { key }) => sum + seen.get(key)!, training?.tokens ?? 0);
    seen.set(result.key, tokens);
    return measurement(stage.name, result.key, tokens);
  });
  const { baseFolder } = prepared;
  return {
    recipe,
    state,
    versions: run.record.versions,
    machine: run.record.machine,
    base: {
      description: 'checkpoint' in recipe.base ? recipe.base.checkpoint : 'a new model',
      parameters: parametersOf(baseOf(prepared)),
      ...(prepared.language && isPairwise(prepared.language) && { isTextToText: true as const }),
      ...(baseFolder !== undefined && { card: await readBaseCard(baseFolder) }),
    },
    measurements: [measurement(BASE, prepared.base.key, 0), ...measurements],
    stages: finished.flatMap((stage) => summariseStage(stage, prepared)),
    merges: finished.flatMap(summariseMerge),
    evaluations: await summariseEvaluations(prepared, store, options),
    data: Object.fromEntries([...prepared.sets, ...prepared.pairs].map(([name, { statistics }]) => [name, statistics])),
    events: eventsOf(finished, run.files.events),
    timing,
    memory: { predicted: memory.predicted, peak: peakMemory() },
    hashes: run.record.hashes,
    commands,
  };
}

function summariseStage(
  { planned: { stage, result }, training, gate }: FinishedStage,
  prepared: Prepared,
): StageSummary | [] {
  if (training === undefined) return [];
  const { name, from } = stage;
  const trainable = 'trainable' in training ? training.trainable : trainableOf(stage, languageOf(prepared));
  return { name, from, result: nameOfResult(result), ...training, trainable, gate };
}

function summariseMerge({ planned: { stage, result }, gate }: FinishedStage): MergeSummary | [] {
  if (!('merge' in stage)) return [];
  const { name, from, merge } = stage;
  const models = [...new Set(modelsNamed(merge).map(({ name: model }) => model))];
  return { name, from, result: nameOfResult(result), gate, method: merge.merge_method, models };
}

function summariseEvaluations(
  { plan }: Prepared,
  store: ResultStore,
  options: Parameters<typeof summariseTasks>[2],
): Promise<EvaluationSummary[]> {
  const stages = plan.filter(({ stage }) => 'evaluate' in stage);
  return Promise.all(
    stages.map(async ({ stage: { name, from }, result }) => {
      const tasks = await readMeasuredTasks(store.paths(result).evaluation);
      return { name, of: from, ...(tasks && { tasks: summariseTasks(tasks, undefined, options) }) };
    }),
  );
}

function trainableOf(stage: ModelStage, language: LanguageModel): number {
  if (!isTrainingStage(stage)) throw new Error(`${stage.name} trains no language model`);
  const { parameters, isTrained = () => true } = trainedShape(stage, language);
  return parametersOf({ parameters: parameters.filter(({ name }) => isTrained(name)) });
}

function trainedShape(stage: TrainingStage, language: LanguageModel) {
  if (isPairwise(language)) {
    const { architecture, isTrained } = shapeOfPairStage(language.model.architecture, stage);
    return { parameters: architecture.parameters, isTrained };
  }
  const { decoder, options } = shapeOfStage(language.model.decoder, stage);
  return { parameters: decoder.parameters, isTrained: options.isTrained };
}

function baseOf(prepared: Prepared): Pick<Encoder, 'parameters'> {
  const { language } = prepared;
  if (language === undefined) return encoderOf(prepared);
  return isPairwise(language) ? language.model.architecture : language.model.decoder;
}

const parametersOf = ({ parameters }: Pick<Encoder, 'parameters'>): number =>
  parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);

/** Of the results that there are now, under the names that their stages have now. */
function eventsOf(finished: readonly FinishedStage[], path: string): RunSummary['events'] {
  if (finished.length === 0) return [];
  const names = new Map(finished.map(({ planned }) => [nameOfResult(planned.result), planned.stage.name]));
  return [...readEvents(path)].flatMap((event) => {
    const stage = names.get(event.result ?? '');
    return stage === undefined ? [] : [{ ...event, stage }];
  });
}
