/**
 * Runs a recipe: open the base, load the data, measure, and for each stage train, save and measure again. What a step
 * makes is kept in the run folder under the hash of what it depends on, so giving the same recipe again goes on where
 * the last run stopped, also within a stage.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { InterruptedError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { saveModel, type TrainableModel } from '../models/model.ts';
import { modelHash } from '../models/model-hash.ts';
import { type EventLog, openEventLog, readEvents } from '../observe/events.ts';
import type { Progress } from '../observe/progress.ts';
import { Engine } from '../runtime/engine.ts';
import { cpt } from '../stages/cpt.ts';
import { type DataSet, loadDataSet } from '../stages/data-set.ts';
import { heldOutHash, type MeasuredPart, measureSets, onlyOf, shortEnough } from '../stages/measure-sets.ts';
import { openBase } from '../stages/open-base.ts';
import { sft } from '../stages/sft.ts';
import type { StageContext, StageResult } from '../stages/train-stage.ts';
import type { LoadedRecipe } from './load-recipe.ts';
import { keptScores, type Scores, summarise } from './measurement.ts';
import { type MemoryPlan, peakMemory, planMemory } from './memory-plan.ts';
import { renderModelCard } from './report/render-model-card.ts';
import { renderReport } from './report/render-report.ts';
import { openRunFolder, type RunFolder, type RunState, type StagePaths } from './run-folder.ts';
import { kindOf, nameOf, type Stage, setsOf, settingsOf } from './stage.ts';
import type { Measurement, RunSummary, StageSummary } from './summary.ts';

export interface RunOptions {
  /** Folder of the run. */
  readonly out: string;
  /** Where token ids are kept between runs. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
  /** Told when a part of the run begins. */
  readonly onPart: (title: string) => void;
  /** Told what memory the run will take, before the first step. */
  readonly onMemory: (plan: MemoryPlan) => void;
  /** What to type to get this run again, for the report. */
  readonly commands: readonly string[];
}

/**
 * @returns what was measured; the report is written beside it.
 * @throws whatever opening, training and measuring throw. The run folder says how the run ended in any case.
 */
export async function runRecipe(
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  options: RunOptions,
): Promise<RunSummary> {
  const run = await openRunFolder(options.out, loaded);
  let ended: Exclude<RunState, 'running'> = 'failed';
  try {
    const { threads, memory } = run.recipe.engine;
    const engine = new Engine({ threads: threads ?? undefined, memory });
    try {
      const summary = await runOn(engine, run, options);
      await writeReports(run, summary);
      ended = 'done';
      return summary;
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (error instanceof InterruptedError || options.signal?.aborted) ended = 'interrupted';
    throw error;
  } finally {
    await run.close(ended);
  }
}

async function runOn(engine: Engine, run: RunFolder, options: RunOptions): Promise<RunSummary> {
  const { recipe } = run;
  const { cacheDir, signal, onProgress, onWarning, onPart, onMemory } = options;
  const { bits_per_byte: evaluation } = recipe.evaluation;
  const dataOptions = { root: run.path, cacheDir, signal };
  const began = performance.now();

  onPart('open the base and read the data');
  const model = await openBase(recipe.base, recipe.data, {
    ...dataOptions,
    seed: recipe.seed,
    onWarning,
    onDownload: ({ done, total }) => onProgress({ stage: 'fetch the base', step: done, total, unit: 'bytes' }),
  });
  model.warnings.forEach(onWarning);
  const memory = planMemory(model.decoder, recipe);
  onMemory(memory);
  const sets = new Map<string, DataSet>();
  for (const [name, source] of Object.entries(recipe.data)) {
    const onRead = (progress: Omit<Progress, 'stage'>) => onProgress({ stage: `read ${name}`, ...progress });
    const set = await loadDataSet(name, source, model.tokenizer!, { ...dataOptions, onProgress: onRead, onWarning });
    const { skipped } = set.statistics;
    if (skipped > 0) onWarning(`data.${name}: ${skipped} broken ${skipped === 1 ? 'record' : 'records'} left out`);
    sets.set(name, set);
  }
  const heldOut = evaluation.on.map((name) =>
    thinned(shortEnough(sets.get(name)!.heldOut, evaluation.length, onWarning), evaluation.max_documents),
  );

  const measureModel = (title: string): Promise<Scores> => {
    const { rows, length } = evaluation;
    return measureSets(engine, model, heldOut, {
      rows,
      length,
      signal,
      onProgress: (set, { batches, totalBatches }) => {
        const tokens = batches * rows * length;
        onProgress({ stage: `${title} ${set}`, step: batches, total: totalBatches, tokens });
      },
    });
  };
  const measureInto = async ({ folder }: StagePaths, title: string, hash: string): Promise<Scores> => {
    onPart(title);
    await mkdir(folder, { recursive: true });
    const { rows, length } = evaluation;
    return keptScores(folder, hashOf([hash, rows, length, heldOut.map(heldOutHash)]), () => measureModel('measure'));
  };
  const summaryOf = (scores: Scores, base?: Scores) =>
    summarise(scores, base, { confidence: evaluation.confidence, seed: recipe.seed });

  let hash = modelHash(model);
  await run.addHashes({ base: hash });
  const base = await measureInto(run.stage(0, 'base'), 'measure the base', hash);
  const measurements: Measurement[] = [{ at: 'base', tokensSeen: 0, sets: summaryOf(base) }];
  const stages: StageSummary[] = [];
  for (const [index, stage] of recipe.stages.entries()) {
    const name = nameOf(recipe, index);
    const paths = run.stage(index + 1, name);
    const stores = setsOf(stage).map((set) => sets.get(set)!.train.hash);
    hash = hashOf([hash, stage, stores, recipe.seed, recipe.save.dtype]);
    let result = await finishedStage(paths, hash);
    if (!result) {
      onPart(`${kindOf(stage)} on ${setsOf(stage).join(' and ')}`);
      result = await trainAndSave(model, sets, stage, { engine, run, paths, hash, name, measureModel, options });
    }
    await readWeights(model, paths.checkpoint);
    stages.push({ name, ...result });
    const scores = await measureInto(paths, `measure after ${name}`, hash);
    const tokensSeen = stages.reduce((sum, { tokens }) => sum + tokens, 0);
    measurements.push({ at: name, tokensSeen, sets: summaryOf(scores, base) });
    await writeFileAtomically(paths.metrics, `${JSON.stringify(measurements.at(-1), undefined, 2)}\n`);
  }
  const { started, versions, machine } = run.record;
  return {
    recipe,
    state: 'done',
    versions,
    machine,
    base: {
      description: 'checkpoint' in recipe.base ? recipe.base.checkpoint : 'a new model',
      parameters: [...model.parameters.values()].reduce((sum, { weight }) => sum + weight.length, 0),
    },
    measurements,
    stages,
    data: Object.fromEntries([...sets].map(([name, { statistics }]) => [name, statistics])),
    events: [...readEvents(run.files.events)],
    timing: { started, seconds: (performance.now() - began) / 1000 },
    memory: { predicted: memory.predicted, peak: peakMemory() },
    commands: options.commands,
  };
}

async function writeReports({ files }: RunFolder, summary: RunSummary): Promise<void> {
  await writeFileAtomically(files.report, renderReport(summary));
  await writeFileAtomically(files.card, renderModelCard(summary));
}

interface StageParts {
  readonly engine: Engine;
  readonly run: RunFolder;
  readonly paths: StagePaths;
  readonly hash: string;
  readonly name: string;
  readonly measureModel: (title: string) => Promise<Scores>;
  readonly options: RunOptions;
}

/** Trains, saves the result and marks the stage as finished. */
async function trainAndSave(
  model: TrainableModel,
  sets: ReadonlyMap<string, DataSet>,
  stage: Stage,
  { engine, run, paths, hash, name, measureModel, options }: StageParts,
): Promise<StageResult> {
  const { signal, onProgress, onWarning } = options;
  const { seed, evaluation, save } = run.recipe;
  await mkdir(paths.folder, { recursive: true });
  await writeFileAtomically(paths.config, `${JSON.stringify(settingsOf(stage), undefined, 2)}\n`);
  for (const { m, v } of model.parameters.values()) {
    m.fill(0);
    v.fill(0);
  }
  let log: EventLog | undefined;
  let tokensHere = 0;
  try {
    const context: StageContext = {
      engine,
      seed,
      folder: paths.folder,
      hash,
      signal,
      onWarning,
      onStart(step) {
        log = openEventLog(run.files.events, { resume: { stage: name, step } });
      },
      onSave: () => log!.sync(),
      isMeasured: (step) => hasMeasurement(run.files.events, name, step),
      onEvent: (step, metrics) => log!.append(name, step, metrics),
      onStep({ step, loss, tokens }, total) {
        tokensHere += tokens;
        onProgress({ stage: name, step, total, tokens: tokensHere, loss });
      },
      async measure() {
        const { confidence } = evaluation.bits_per_byte;
        const measured = summarise(await measureModel('measure'), undefined, { confidence, seed });
        return Object.fromEntries(measured.map((set) => [`${measurementPrefix}${set.name}`, set.value]));
      },
    };
    const result = await ('sft' in stage ? sft(model, sets, stage.sft, context) : cpt(model, sets, stage.cpt, context));
    await saveModel(paths.checkpoint, model, { dtype: save.dtype, replace: true, notes: { step: result.steps } });
    await writeFileAtomically(finishedFile(paths), `${JSON.stringify({ hash, result })}\n`);
    // What was kept to go on from is not needed any more.
    await rm(join(paths.folder, 'checkpoints'), { recursive: true, force: true });
    return result;
  } finally {
    log?.close();
  }
}

/** Of the metrics that are measurements, in the event log. */
const measurementPrefix = 'bits_per_byte/';

function hasMeasurement(events: string, stage: string, step: number): boolean {
  for (const event of readEvents(events)) {
    if (event.stage === stage && event.step === step && event.metric.startsWith(measurementPrefix)) return true;
  }
  return false;
}

const finishedFile = ({ folder }: StagePaths) => join(folder, 'finished.json');

/** The result of a stage that was finished with the same inputs. */
async function finishedStage(paths: StagePaths, hash: string): Promise<StageResult | undefined> {
  try {
    const finished = JSON.parse(await readFile(finishedFile(paths), 'utf8'));
    return finished.hash === hash ? finished.result : undefined;
  } catch {
    return undefined;
  }
}

/** Goes on with the weights as they were saved, so that what is measured is what is in the folder. */
async function readWeights(model: TrainableModel, folder: string): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  try {
    await checkpoint.readAllInto([...model.parameters].map(([name, { weight }]) => [name, weight]));
  } finally {
    await checkpoint.close();
  }
}

/** At most `most` documents, evenly spaced. */
function thinned(set: MeasuredPart, most: number | null): MeasuredPart {
  const count = set.documents.length;
  if (most === null || count <= most) return set;
  const kept = new Set(Array.from({ length: most }, (_, i) => Math.floor((i * count) / most)));
  return onlyOf(set, (document) => kept.has(document));
}

const hashOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
