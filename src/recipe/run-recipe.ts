/**
 * Runs a recipe: read the base and the data, plan, measure the base; then for each stage take its result or make it,
 * measure it, and hold it against its gate. What a stage makes is kept in the run folder under the hash of what it depends
 * on, so giving a recipe again goes on where the last run stopped, and a recipe that was changed does only what changed.
 */
import { readFile } from 'node:fs/promises';
import { GateError, InterruptedError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { formatBytes } from '../observe/numbers.ts';
import type { Progress } from '../observe/progress.ts';
import { Engine } from '../runtime/engine.ts';
import { asWritten } from './as-written.ts';
import { type GateResult, judge } from './gate.ts';
import { keepBase } from './keep-base.ts';
import type { LoadedRecipe } from './load-recipe.ts';
import { createMeasuring, type MeasuredModel } from './measure/measuring.ts';
import { promptsOfRun } from './measure/run-prompts.ts';
import { type MemoryPlan, planMemory } from './memory-plan.ts';
import { mergedModelOf, planMerges } from './plan/plan-merges.ts';
import type { PlannedStage, ResultId } from './plan/plan-stages.ts';
import { languageOf, prepare } from './prepare.ts';
import { renderModelCard } from './report/render-model-card.ts';
import { renderReport } from './report/render-report.ts';
import { endMakingAgain, forgetFrom } from './results/made-again.ts';
import { isOfTraining } from './results/outcome.ts';
import { ResultStore } from './results/result-store.ts';
import { openRunFolder, type RunFolder, type RunState } from './run-folder.ts';
import { runStage, type StageSurroundings } from './run-stage.ts';
import { BASE } from './schema/stage-names.ts';
import { type StageSelection, selectStages } from './select-stages.ts';
import { isContrastiveStage, isModelStage } from './stage.ts';
import { type FinishedStage, summariseRun } from './summarise-run.ts';
import type { RunSummary } from './summary.ts';

export interface RunOptions {
  /** Folder of the run. */
  readonly out: string;
  /** Where token ids are kept between runs. */
  readonly cacheDir: string;
  /** Default: every stage, and those that are finished are not made again. */
  readonly selection?: StageSelection;
  /** Whether to delete results that the recipe does not need. Default no. */
  readonly prune?: boolean;
  /** Whether other recipes run in the folder too, so that their results there are no news. Default no. */
  readonly shared?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
  /** Told what is worth knowing of a stage, and no cause for concern. */
  readonly onNote?: (message: string) => void;
  /** Told when a part of the run begins, and what is taken from before. */
  readonly onPart: (title: string) => void;
  /** Told what memory the run will take, before the first step. */
  readonly onMemory: (plan: MemoryPlan) => void;
  /** What to type to get this run again, for the report. */
  readonly commands: readonly string[];
}

/** Of a model that only makes vectors. */
const unmeasured: MeasuredModel = { bits: new Map(), tasks: new Map(), samples: [] };

type RecipeToRun = Pick<LoadedRecipe, 'recipe' | 'folder'> & Partial<Pick<LoadedRecipe, 'path' | 'placeOf' | 'source'>>;

/**
 * @returns what was measured; the report is written beside it.
 * @throws GateError where a stage is not good enough and its gate says to stop, after the report; and whatever opening,
 * training and measuring throw. The run folder says how the run ended in any case.
 */
export async function runRecipe(loaded: RecipeToRun, options: RunOptions): Promise<RunSummary> {
  const recipe = selectStages(loaded.recipe, options.selection ?? {});
  const run = await openRunFolder(options.out, { ...loaded, recipe });
  if (run.isEdited && !options.shared) options.onPart('the recipe was changed: results that still fit are used');
  let ended: Exclude<RunState, 'running'> = 'failed';
  try {
    const { threads, memory } = run.recipe.engine;
    const engine = new Engine({ threads: threads ?? undefined, memory });
    try {
      const summary = await runOn(engine, run, options);
      await warnOfChanges(loaded, options);
      ended = 'done';
      return summary;
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (error instanceof InterruptedError || options.signal?.aborted) ended = 'interrupted';
    // To go on after such a stop is another decision than to begin again.
    if (error instanceof GateError) await endMakingAgain(run.path);
    throw asWritten(error, { root: run.path, placeOf: loaded.placeOf });
  } finally {
    await run.close(ended);
  }
}

async function runOn(engine: Engine, run: RunFolder, options: RunOptions): Promise<RunSummary> {
  const { recipe, path: root, files } = run;
  const { signal, onWarning, onPart } = options;
  const began = performance.now();

  onPart('open the base and read the data');
  const prepared = await prepare(recipe, { ...options, root });
  const { language, base, sets, pairs, tasks, plan } = prepared;
  await run.addHashes({ base: base.key, data: prepared.dataHash });
  const memory = planMemory(prepared, recipe);
  options.onMemory(memory);

  const store = new ResultStore(root);
  const weights = new Map([[base.key, await keepBase(store, prepared)]]);
  if (language) {
    const model = mergedModelOf(language);
    await planMerges(plan, { base: weights.get(base.key)!, model, folders: prepared.mergeFolders });
  }
  const prompts = await promptsOfRun(recipe, prepared);
  const measuring = createMeasuring({ ...options, engine, evaluation: recipe.evaluation, sets, pairs, tasks, prompts });
  const surroundings: StageSurroundings = {
    ...options,
    engine,
    recipe,
    root,
    events: files.events,
    store,
    prepared,
    measuring,
  };
  const goingOn = await forgetFrom(root, options.selection?.from, { plan, store });
  if (goingOn.length > 0) onPart(`--from goes on where it stopped, with what it has made of ${goingOn.join(', ')}`);
  await linkAll(plan, { store, prepared });

  const measured = new Map<string, MeasuredModel>();
  const unload = () => language?.current.release();
  const measure = async (key: string, title: string, folder: string) => {
    const checkpoint = weights.get(key)!;
    const load = () => languageOf(prepared).current.become({ key, checkpoint });
    measured.set(key, await measuring.measure({ title, folder, checkpoint, load, unload }));
  };
  const measureVectors = async ({ kind, key }: ResultId, title: string) => {
    const { folder } = store.paths({ kind, key });
    const { bits, samples, tasks: asked } = measured.get(key) ?? unmeasured;
    const found = await measuring.retrievalOf({ title, folder, checkpoint: weights.get(key)!, unload });
    measured.set(key, { bits, samples, tasks: new Map([...asked, ...found]) });
  };
  await measure(base.key, 'the base', store.paths(base).folder);
  if (recipe.stages.some(isContrastiveStage)) await measureVectors(base, 'the base');

  const finished: FinishedStage[] = [];
  const report = async (state: RunState) => {
    const timing = { started: run.record.started, seconds: (performance.now() - began) / 1000 };
    const summary = await summariseRun(finished, {
      run,
      prepared,
      measured,
      state,
      timing,
      memory,
      commands: options.commands,
    });
    await writeFileAtomically(files.report, renderReport(summary));
    await writeFileAtomically(files.card, renderModelCard(summary));
    return summary;
  };
  for (const planned of plan) {
    const { stage, input, result } = planned;
    signal?.throwIfAborted();
    const checkpoint = weights.get(input.key)!;
    const start = { key: input.key, checkpoint };
    if (isContrastiveStage(stage)) await measureVectors(input, stage.from);
    const training = await resultOf(planned, surroundings, onPart, {
      checkpoint,
      unload,
      merged: new Map([...(planned.merged ?? [])].map(([name, { key }]) => [name, weights.get(key)!])),
      begin(adapter) {
        const { current } = languageOf(prepared);
        return adapter ? current.adapt(start, adapter, recipe) : current.train(start);
      },
    });
    if (!isModelStage(stage)) continue;
    const { folder, checkpoint: weightsOfStage, gate: gateFile } = store.paths(result);
    weights.set(result.key, weightsOfStage);
    if (isContrastiveStage(stage)) await measureVectors(result, stage.name);
    else await measure(result.key, `after ${stage.name}`, folder);
    const gate = judge(measured.get(input.key)!, measured.get(result.key)!, stage.gate, recipe.seed);
    await writeFileAtomically(gateFile, `${JSON.stringify(gate, undefined, 2)}\n`);
    finished.push({ planned: { ...planned, stage }, training, gate });
    await applyGate(planned, gate, { onWarning, stop: () => report('failed') });
  }
  const summary = await report('done');
  await endMakingAgain(root);
  await tellUnused(store, [base, ...plan.map(({ result }) => result)], options);
  return summary;
}

/** The result of a stage as it is, or made now. @returns what is told of training */
async function resultOf(
  planned: PlannedStage,
  surroundings: StageSurroundings,
  onPart: RunOptions['onPart'],
  input: Parameters<typeof runStage>[1],
): Promise<FinishedStage['training']> {
  const { stage, result } = planned;
  const { store, onWarning } = surroundings;
  const there = await store.look(result);
  if (there.state === 'good') {
    onPart(`${stage.name}: finished before`);
    // Should a process have died between finishing it and removing what was kept to go on from.
    await removeFolder(store.paths(result).checkpoints);
    return isOfTraining(there.outcome) ? there.outcome : undefined;
  }
  if (there.state === 'damaged') {
    onWarning(`${stage.name} is made again: ${there.reason}`);
    await store.forget(result);
  }
  onPart(stage.name);
  return (await runStage(planned, input, surroundings)).training;
}

/** The recipe's view of the results. */
async function linkAll(
  plan: readonly PlannedStage[],
  { store, prepared }: Pick<StageSurroundings, 'store' | 'prepared'>,
): Promise<void> {
  const links = [
    await store.link(0, BASE, prepared.base),
    ...(await Promise.all(plan.map(({ number, stage, result }) => store.link(number, stage.name, result)))),
  ];
  await store.keepLinks(new Set(links));
}

async function applyGate(
  { stage }: PlannedStage,
  { accepted, on_fail, reasons }: GateResult,
  { onWarning, stop }: Pick<RunOptions, 'onWarning'> & { readonly stop: () => Promise<unknown> },
): Promise<void> {
  if (accepted) return;
  if (on_fail === 'warn') return onWarning(`the gate of ${stage.name} is not passed: ${reasons.join('; ')}`);
  await stop();
  throw new GateError({
    field: `gate of the stage ${stage.name}`,
    found: reasons.join('; '),
    expected: 'its own metrics better and no other worse',
    fix: "Everything is kept. Change the stage and give the command again, or go on as it is with the gate's on_fail set to warn.",
  });
}

async function tellUnused(
  store: ResultStore,
  used: Parameters<ResultStore['unused']>[0],
  { prune, shared, onPart }: RunOptions,
): Promise<void> {
  const unused = await store.unused(used);
  if (unused.length === 0) return;
  const size = formatBytes(unused.reduce((sum, { bytes }) => sum + bytes, 0));
  const those = `${unused.length === 1 ? 'a result' : `${unused.length} results`} of earlier recipes (${size})`;
  if (!prune)
    return shared ? undefined : onPart(`${those} kept in results/; --prune deletes what this recipe does not need`);
  for (const result of unused) await store.remove(result);
  onPart(`${those} deleted`);
}

/** Who edits a recipe while it runs may think that the change has been run. */
async function warnOfChanges({ path, source }: RecipeToRun, { onWarning }: RunOptions): Promise<void> {
  if (path === undefined || (await readFile(path, 'utf8').catch(() => undefined)) === source) return;
  onWarning(
    `${path} was changed while it ran: the run is of the recipe as it was; give the command again for the new one`,
  );
}
