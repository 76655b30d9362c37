/** `--dry-run`: what a run would do, and what it would take on this machine. Nothing is written. */
import { join } from 'node:path';
import type { MergePlan } from '../../merge/plan/merge-plan.ts';
import { predictPeakMemory } from '../../objectives/causal-lm/memory.ts';
import { Engine } from '../../runtime/engine.ts';
import { surveyBatches } from '../../stages/batch-statistics.ts';
import { planCpt } from '../../stages/cpt.ts';
import { planJoint } from '../../stages/joint.ts';
import { planSft } from '../../stages/sft.ts';
import type { StagePlan } from '../../stages/train-stage.ts';
import { asWritten } from '../as-written.ts';
import type { LoadedRecipe } from '../load-recipe.ts';
import { planMemory } from '../memory-plan.ts';
import { inStage } from '../of-stage.ts';
import { type DecoderBase, isPairwise, languageOf, type Prepared, type PrepareOptions, prepare } from '../prepare.ts';
import { rebasePaths } from '../rebase-paths.ts';
import { stagesToMakeAgain } from '../results/made-again.ts';
import { ResultStore } from '../results/result-store.ts';
import { modelsNamed } from '../schema/merge.ts';
import type { Recipe } from '../schema/recipe.ts';
import { kindOf, type StageKind } from '../schema/stage-names.ts';
import { type StageSelection, selectStages } from '../select-stages.ts';
import { adapterOf, isContrastiveStage, isTrainingStage, settingsOf, type TrainingStage } from '../stage.ts';
import { estimateContrastive } from './estimate-contrastive.ts';
import { estimateSeq2Seq } from './estimate-seq2seq.ts';
import { mergedModelOf, planMerges } from './plan-merges.ts';
import { nameOfResult, type PlannedStage } from './plan-stages.ts';
import { probeStep, type StepTime } from './probe.ts';
import { shapeOfStage } from './stage-shape.ts';
import { passOperations } from './training-operations.ts';
import { withBaseFolder } from './with-base-folder.ts';

/** Whether there is a result already, a part of one, or nothing; or one that is to be made again. */
export type StageState = 'finished' | 'begun' | 'new' | 'again';

export interface StageEstimate {
  readonly name: string;
  readonly kind: StageKind;
  readonly from: string;
  /** Folder of its result. */
  readonly result: string;
  readonly state: StageState;
  /** Of one that is begun: the step that it goes on from. */
  readonly step?: number;
  /** Absent where nothing is trained. */
  readonly training?: TrainingEstimate;
  /** Absent where nothing is merged. */
  readonly merge?: MergeEstimate;
}

interface MergeEstimate {
  readonly method: string;
  /** As the recipe names them. */
  readonly models: readonly string[];
  readonly tensors: number;
  /** Bytes of the result's weights. */
  readonly bytes: number;
}

export interface TrainingEstimate {
  readonly steps: number;
  /** Places of all batches, padding included. */
  readonly tokens: number;
  /** Tokens that are no padding, as many as the first batches have. */
  readonly unpadded: number;
  /** Floating-point operations. */
  readonly operations: number;
  /** Greatest resident memory in bytes. */
  readonly memory: number;
  /** Of the steps that are left, by some that were timed now, without measurements and checkpoints; null for a stage that is finished. */
  readonly seconds: number | null;
}

export interface RunEstimate {
  readonly recipe: Recipe;
  readonly stages: readonly StageEstimate[];
  readonly memory: { readonly predicted: number; readonly available: number };
  /** Of what is not finished. */
  readonly seconds: number;
}

export interface PlanRunOptions extends Omit<PrepareOptions, 'root'> {
  /** Folder that the run would have. */
  readonly out: string;
  readonly selection?: StageSelection;
  /** What was timed before, by the shape of a stage; what is timed now is added. Default nothing. */
  readonly times?: Map<string, StepTime>;
}

/** @throws as `prepare`; UsageError for stages that could not be run, and for merges; each with its place in the recipe */
export async function planRun(
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'> & Partial<Pick<LoadedRecipe, 'placeOf'>>,
  options: PlanRunOptions,
): Promise<RunEstimate> {
  const selected = selectStages(loaded.recipe, options.selection ?? {});
  const recipe = rebasePaths(selected, { from: loaded.folder, to: options.out });
  try {
    return { recipe: selected, ...(await planSeenFromOut(recipe, options)) };
  } catch (error) {
    throw asWritten(error, { root: options.out, placeOf: loaded.placeOf });
  }
}

/** @param recipe with paths as they are seen from the folder that the run would have */
async function planSeenFromOut(
  recipe: Recipe,
  { out, selection = {}, times = new Map(), ...options }: PlanRunOptions,
): Promise<Omit<RunEstimate, 'recipe'>> {
  const prepared = await prepare(recipe, { ...options, root: out });
  const { threads, memory } = recipe.engine;
  const engine = new Engine({ threads: threads ?? undefined, memory });
  try {
    const again = await stagesToMakeAgain(out, selection.from, prepared.plan);
    const store = new ResultStore(out);
    const merges = await planMergesOf(prepared);
    // Before steps are timed, which take memory of their own.
    const { predicted, available } = planMemory(prepared, recipe);
    const stages: StageEstimate[] = [];
    for (const planned of prepared.plan) {
      const { state, step } = await stateOf(planned, store, again);
      const parts = { engine, recipe, prepared, merges, times, ...options };
      const whole = await estimate(planned, state, parts).catch(inStage(planned.stage));
      stages.push(step === undefined ? whole : goingOn(whole, step));
    }
    const seconds = stages.reduce((sum, { training }) => sum + (training?.seconds ?? 0), 0);
    return { stages, memory: { predicted, available }, seconds };
  } finally {
    await engine.close();
  }
}

async function stateOf(
  planned: PlannedStage,
  store: ResultStore,
  again: readonly PlannedStage[],
): Promise<Pick<StageEstimate, 'state' | 'step'>> {
  const isGood = (await store.look(planned.result)).state === 'good';
  const step = await store.stepOf(planned.result);
  if (again.includes(planned)) return { state: isGood || step !== undefined ? 'again' : 'new' };
  if (isGood) return { state: 'finished' };
  return step === undefined ? { state: 'new' } : { state: 'begun', step };
}

/** With the time of the steps that are left. */
function goingOn(stage: StageEstimate, step: number): StageEstimate {
  const { training } = stage;
  if (!training) return { ...stage, step };
  const left = Math.max(0, 1 - step / training.steps);
  return { ...stage, step, training: { ...training, seconds: training.seconds && training.seconds * left } };
}

export interface EstimateParts extends Pick<PrepareOptions, 'signal' | 'onWarning' | 'onProgress'> {
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly prepared: Prepared;
  /** By stage. */
  readonly merges: ReadonlyMap<string, MergePlan>;
  /** By shape, so that each is timed once. */
  readonly times: Map<string, StepTime>;
}

async function estimate(
  { stage, result }: PlannedStage,
  state: StageState,
  { engine, recipe, prepared, merges, times, signal, onWarning, onProgress }: EstimateParts,
): Promise<StageEstimate> {
  const head = {
    name: stage.name,
    kind: kindOf(stage),
    from: stage.from,
    result: join('results', nameOfResult(result)),
    state,
  };
  if ('merge' in stage) {
    const { method, jobs, layout } = merges.get(stage.name)!;
    const models = [...new Set(modelsNamed(stage.merge).map(({ name }) => name))];
    return { ...head, merge: { method: method.name, models, tensors: jobs.length, bytes: layout.bytes } };
  }
  if (isContrastiveStage(stage)) {
    const options = { engine, recipe, prepared, times, signal, onProgress };
    return { ...head, training: await estimateContrastive(stage, state, options) };
  }
  if (!isTrainingStage(stage)) return head;
  const language = languageOf(prepared);
  if (isPairwise(language)) {
    if (!('sft' in stage)) throw new Error(`${stage.name} trains no encoder-decoder`);
    const options = { engine, recipe, prepared, times, signal, onWarning, onProgress };
    return { ...head, training: await estimateSeq2Seq(stage, language, state, options) };
  }
  const { model, current } = language;
  const { decoder, options } = shapeOfStage(model.decoder, stage);
  const { batches, schedule } = planOf(stage, model, prepared, { seed: recipe.seed, onWarning });
  const optimizer = settingsOf(stage);
  const { rows, length, gradient_accumulation_steps: passes } = optimizer.batch;
  const adapter = adapterOf(stage);
  const { steps } = schedule;
  const { fill } = surveyBatches(batches, { steps, accumulationSteps: passes });
  const shape = JSON.stringify([rows, length, adapter, optimizer.optimizer]);
  if (state !== 'finished' && !times.has(shape)) {
    onProgress({ stage: `time steps of ${rows}x${length}`, step: 0, total: 0 });
    const batch = batches.next();
    if (batch !== undefined) {
      times.set(shape, await probeStep(engine, current.probe(adapter), batch, { optimizer, signal }));
    }
  }
  const time = times.get(shape);
  const tokens = steps * passes * rows * length;
  return {
    ...head,
    training: {
      steps,
      tokens,
      unpadded: Math.round(fill * tokens),
      operations: steps * passes * passOperations(decoder, options),
      memory: predictPeakMemory(decoder, options).bytes,
      seconds: state === 'finished' || time === undefined ? null : steps * (passes * time.pass + time.update),
    },
  };
}

async function planMergesOf(prepared: Prepared) {
  const { plan, mergeFolders: folders } = prepared;
  if (!plan.some(({ stage }) => 'merge' in stage)) return new Map<string, MergePlan>();
  const model = mergedModelOf(languageOf(prepared));
  return withBaseFolder(prepared, (base) => planMerges(plan, { base, model, folders }));
}

function planOf(
  stage: TrainingStage,
  model: DecoderBase['model'],
  { sets }: Pick<Prepared, 'sets'>,
  context: Parameters<typeof planCpt>[3],
): StagePlan {
  if ('cpt' in stage) return planCpt(model, sets, stage.cpt, context);
  return 'sft' in stage ? planSft(model, sets, stage.sft, context) : planJoint(model, sets, stage.joint, context);
}
