/** One stage, from the model that it starts from to a finished result. */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { saveAdapter } from '../adapters/peft/save-adapter.ts';
import type { AdapterSettings } from '../adapters/settings.ts';
import { withMerged } from '../adapters/with-merged.ts';
import { manifestFileName } from '../checkpoint/manifest.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { type EventLog, openEventLog } from '../observe/events.ts';
import type { Progress } from '../observe/progress.ts';
import type { Engine } from '../runtime/engine.ts';
import { cpt } from '../stages/cpt.ts';
import type { DataSet } from '../stages/data-set.ts';
import { evaluate } from '../stages/evaluate.ts';
import { exportModel } from '../stages/export.ts';
import { joint } from '../stages/joint.ts';
import { merge } from '../stages/merge.ts';
import { seq2seqSft } from '../stages/seq2seq-sft.ts';
import { sft } from '../stages/sft.ts';
import type { StageContext, StageResult, WholeModelOf } from '../stages/train-stage.ts';
import { bestMetric } from '../stages/training-watch.ts';
import { type TrainedEncoderDecoder, type TrainedModel, taskOf } from '../train/trained-model.ts';
import type { Measuring } from './measure/measuring.ts';
import { summarise } from './measure/summarise.ts';
import { saveWhole } from './model-kinds.ts';
import { inStage } from './of-stage.ts';
import { mergeRecipeOf } from './plan/plan-merges.ts';
import { nameOfResult, type PlannedStage } from './plan/plan-stages.ts';
import type { Prepared } from './prepare.ts';
import type { EmbeddingOutcome } from './results/outcome.ts';
import type { ResultStore } from './results/result-store.ts';
import type { Recipe } from './schema/recipe.ts';
import {
  adapterOf,
  type ContrastiveStage,
  isContrastiveStage,
  isTrainingStage,
  settingsOf,
  type TrainingStage,
} from './stage.ts';
import { baseNameOf, describeAdapter } from './stage-adapter.ts';
import { trainEmbedder } from './train-embedder.ts';

export interface StageSurroundings {
  readonly engine: Engine;
  readonly recipe: Recipe;
  /** Absolute folder of the run. */
  readonly root: string;
  /** The event log. */
  readonly events: string;
  readonly store: ResultStore;
  readonly prepared: Prepared;
  readonly measuring: Measuring;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
  /** Told what is worth knowing and no cause for concern. */
  readonly onNote?: (message: string) => void;
}

/** The model that a stage starts from: in memory on demand, and where it is kept. */
export interface StageInput {
  /** To be trained, as a whole or under a new adapter, with moments of nothing. */
  readonly begin: (adapter: AdapterSettings | undefined) => Promise<TrainedModel | TrainedEncoderDecoder>;
  /** Takes it out of memory. */
  readonly unload: () => void;
  readonly checkpoint: string;
  /** Where models that a merge is made of are kept, by the names that it gives them. */
  readonly merged: ReadonlyMap<string, string>;
}

/** Runs a stage, or goes on with it, and marks its result as finished. @returns what is told of it */
export async function runStage(
  planned: PlannedStage,
  input: StageInput,
  surroundings: StageSurroundings,
): Promise<StageOutcome> {
  const { stage, result } = planned;
  const { store, root } = surroundings;
  const paths = store.paths(result);
  await mkdir(paths.folder, { recursive: true });
  const { name: _, from: __, ...document } = stage;
  await writeFileAtomically(paths.config, `${JSON.stringify({ key: result.key, ...document }, undefined, 2)}\n`);
  if (isTrainingStage(stage) || isContrastiveStage(stage)) {
    const outcome = isTrainingStage(stage)
      ? await train(planned, stage, input, surroundings)
      : await trainVectors(planned, stage, input, surroundings);
    const made = adapterOf(stage) ? [paths.adapter, paths.checkpoint] : [paths.checkpoint];
    await store.finish(
      result,
      outcome,
      made.map((folder) => join(folder, manifestFileName)),
    );
    // What was kept to go on from is not needed any more.
    await removeFolder(paths.checkpoints);
    return { training: outcome };
  }
  if ('merge' in stage) {
    const { engine, prepared, signal, onProgress, onWarning } = surroundings;
    const outcome = await merge(mergeRecipeOf(stage), paths.checkpoint, {
      resolve: (name) => input.merged.get(name) ?? prepared.mergeFolders.get(name)!.path,
      threads: engine.threads,
      signal,
      onProgress: ({ phase, done, total }) => onProgress({ stage: `${stage.name}: ${phase}`, step: done, total }),
    });
    outcome.warnings.forEach(onWarning);
    const { tensors, bytes, warnings } = outcome;
    await store.finish(result, { tensors, bytes, warnings: [...warnings] }, [join(paths.checkpoint, manifestFileName)]);
    return {};
  }
  if ('export' in stage) {
    const folder = stage.export.path === null ? join(paths.folder, 'model') : resolve(root, stage.export.path);
    await exportModel(input.checkpoint, folder, stage.export, surroundings.signal);
    await store.finish(result, { folder }, [join(folder, manifestFileName)]);
    return {};
  }
  // It is read anew, so that it would be there twice beside its frozen form.
  input.unload();
  await evaluate(input.checkpoint, surroundings.prepared.stageTasks.get(stage.name)!, stage.evaluate, {
    folder: paths.evaluation,
    threads: surroundings.engine.threads,
    signal: surroundings.signal,
    onWarning: surroundings.onWarning,
    onProgress: ({ task, done, total, tokens }) => surroundings.onProgress({ stage: task, step: done, total, tokens }),
  });
  await store.finish(result, {}, [join(paths.evaluation, 'results.json')]);
  return {};
}

export interface StageOutcome {
  readonly training?: StageResult | EmbeddingOutcome;
}

function trainVectors(
  planned: PlannedStage,
  stage: ContrastiveStage,
  { checkpoint, unload }: StageInput,
  surroundings: StageSurroundings,
): Promise<EmbeddingOutcome> {
  // It is read anew, as what makes vectors.
  unload();
  return trainEmbedder(stage, planned, checkpoint, surroundings);
}

async function train(
  planned: PlannedStage,
  stage: TrainingStage,
  input: StageInput,
  surroundings: StageSurroundings,
): Promise<StageResult> {
  const { engine, recipe, events, store, prepared, measuring, signal, onProgress, onWarning, onNote } = surroundings;
  const { seed, evaluation, save } = recipe;
  const { result } = planned;
  const { folder, checkpoint, adapter } = store.paths(result);
  const { name } = stage;
  const model = await input.begin(adapterOf(stage));
  const whole = 'architecture' in model ? undefined : wholeOf(model, input.checkpoint);
  if ('adapter' in model) onNote?.(describeAdapter(model));
  let log: EventLog | undefined;
  let tokensHere = 0;
  const context: StageContext = {
    engine,
    seed,
    folder,
    hash: result.key,
    signal,
    onWarning,
    onNote,
    whole,
    heldOut: [...prepared.sets.values()].map(({ heldOut }) => heldOut),
    measures: [...evaluation.bits_per_byte.on.map(bitsOf), ...measuring.taskMetrics],
    onStart(step) {
      log = openEventLog(events, { result: nameOfResult(result), resume: { stage: name, step } });
    },
    onSave: () => log!.sync(),
    onEvent: (step, metrics) => log!.append(name, step, metrics),
    onStep({ step, loss, tokens }, total) {
      tokensHere += tokens;
      onProgress({ stage: name, step, total, tokens: tokensHere, loss });
    },
    async measure() {
      const { confidence } = evaluation.bits_per_byte;
      const measured = summarise(await measuring.bitsOf(model), undefined, { confidence, seed });
      const bits = Object.fromEntries(measured.map((set) => [bitsOf(set.name), set.value]));
      if (!judgedByTasks(stage, measuring.taskMetrics)) return bits;
      return { ...bits, ...(await tasksOf(model, join(folder, 'evaluated'), surroundings)) };
    },
  };
  try {
    const outcome = await trainAs(stage, model, prepared.sets, context).catch(inStage(stage));
    const kept = { replace: true, notes: { step: outcome.steps } };
    if ('adapter' in model) {
      const baseModel = baseNameOf(planned, input.checkpoint, surroundings);
      await saveAdapter(adapter, model.adapter, { baseModel, taskType: taskOf(model), ...kept });
    }
    await saveWhole(checkpoint, model, { dtype: save.dtype, ...kept });
    return outcome;
  } finally {
    log?.close();
  }
}

const bitsOf = (set: string): string => `bits_per_byte/${set}`;

/** Tasks take longer than bits per byte: they are asked while training only where something depends on them. */
function judgedByTasks(stage: TrainingStage, taskMetrics: readonly string[]): boolean {
  const settings = settingsOf(stage);
  const judges = [settings.early_stopping?.metric, bestMetric(settings)?.name];
  return judges.some((metric) => metric !== undefined && taskMetrics.includes(metric));
}

const wholeOf =
  (model: TrainedModel, checkpoint: string): WholeModelOf =>
  (use) =>
    'adapter' in model ? withMerged(model, checkpoint, use) : use(model);

/** Tasks are put to a checkpoint, so one is written for the time being. */
async function tasksOf(
  model: TrainedModel | TrainedEncoderDecoder,
  folder: string,
  { recipe, measuring }: StageSurroundings,
) {
  const checkpoint = join(folder, 'checkpoint');
  await rm(folder, { recursive: true, force: true });
  try {
    await saveWhole(checkpoint, model, { dtype: recipe.save.dtype });
    return await measuring.tasksOf({ folder, checkpoint });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function trainAs(
  stage: TrainingStage,
  model: TrainedModel | TrainedEncoderDecoder,
  sets: ReadonlyMap<string, DataSet>,
  context: StageContext,
): Promise<StageResult> {
  if ('architecture' in model) {
    if ('sft' in stage) return seq2seqSft(model, sets, stage.sft, context);
    throw new Error(`${stage.name} trains no encoder-decoder`);
  }
  if ('cpt' in stage) return cpt(model, sets, stage.cpt, context);
  return 'sft' in stage ? sft(model, sets, stage.sft, context) : joint(model, sets, stage.joint, context);
}
