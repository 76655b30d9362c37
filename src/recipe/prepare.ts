/** All that a run reads before it does anything: the base, the data, the tasks; and from their hashes, the plan. */
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { distinctTasks, findTasks, isTaskFile } from '../eval/run/find-tasks.ts';
import { hashWithData } from '../eval/tasks/data/data-hash.ts';
import type { Task, TaskGroup } from '../eval/tasks/task.ts';
import { headSizeStep } from '../generate/frozen/freeze.ts';
import type { Decoder } from '../models/decoder.ts';
import type { Model, Purpose } from '../models/model.ts';
import { modelHash } from '../models/model-hash.ts';
import type { Progress } from '../observe/progress.ts';
import { isConversationSource } from '../stages/conversation-source.ts';
import { type DataSet, loadDataSet } from '../stages/data-set.ts';
import { documentQuestionTasks } from '../stages/document-question-tasks.ts';
import { heldOutHash } from '../stages/measure-sets.ts';
import { openBase } from '../stages/open-base.ts';
import { nearest } from '../yaml/near-miss.ts';
import { CurrentModel } from './current-model.ts';
import { findMergeFolders, type MergeFolder } from './plan/merge-folders.ts';
import { hashOf, type PlannedStage, planStages, type ResultId } from './plan/plan-stages.ts';
import type { Recipe } from './schema/recipe.ts';
import { BASE } from './schema/stage-names.ts';
import { adapterOf, isModelStage, isTrainingStage } from './stage.ts';

export interface PrepareOptions {
  /** Folder that paths of the recipe are relative to. */
  readonly root: string;
  /** Where token ids are kept between runs. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
  /** Sets that were read for the same data, base and seed; those that are read now are added. Default none. */
  readonly sets?: Map<string, DataSet>;
}

export interface Prepared {
  /** The base, without its weights. */
  readonly model: Pick<Model, 'config' | 'decoder' | 'tokenizer'>;
  /** Holds the weights, at first those of the base; stages change them in place. */
  readonly current: CurrentModel;
  readonly base: ResultId;
  /** Folder of the base; undefined for a model that was made here. */
  readonly baseFolder: string | undefined;
  readonly sets: ReadonlyMap<string, DataSet>;
  /** What every model is asked. */
  readonly tasks: Tasks;
  /** By name, what `evaluate` stages ask. */
  readonly stageTasks: ReadonlyMap<string, Tasks>;
  /** Models and adapters that merges take from elsewhere, by their names in the recipe. */
  readonly mergeFolders: ReadonlyMap<string, MergeFolder>;
  readonly plan: readonly PlannedStage[];
}

type Tasks = readonly (Task | TaskGroup)[];

/** @throws UsageError or InputError as opening the base, reading the data and loading tasks do */
export async function prepare(recipe: Recipe, options: PrepareOptions): Promise<Prepared> {
  const { onProgress, onWarning, ...reading } = options;
  // Tasks first: a wrong name is found before a model is read.
  const questions = await askAboutDocuments(recipe.data, options);
  const tasks = await loadTasks(recipe.evaluation.tasks.on, questions, options);
  requireMeasured(recipe, tasks);
  const stageTasks = new Map<string, Tasks>();
  for (const stage of recipe.stages) {
    if ('evaluate' in stage) stageTasks.set(stage.name, await loadTasks(stage.evaluate.tasks, questions, options));
  }
  const purpose = purposeOf(recipe);
  const { model, folder } = await openBase(recipe.base, recipe.data, {
    ...reading,
    seed: recipe.seed,
    purpose,
    onWarning,
    onDownload: ({ done, total }) => onProgress({ stage: 'fetch the base', step: done, total, unit: 'bytes' }),
  });
  model.warnings.forEach(onWarning);
  if (tasks.length > 0 || stageTasks.size > 0) requireAskable(model.decoder);
  const sets = await readSets(recipe, model, questions, options);
  const base: ResultId = { kind: BASE, key: modelHash(model) };
  const data = new Map([...sets].map(([name, { train }]) => [name, train.hash]));
  const hashes = new Map<string, readonly string[]>();
  for (const [name, asked] of stageTasks) hashes.set(name, await hashesOf(asked));
  const measuring = await measuringHash(recipe, sets, tasks);
  const mergeFolders = await findMergeFolders(recipe, options);
  const folders = new Map([...mergeFolders].map(([name, { hash }]) => [name, hash]));
  const plan = planStages(recipe, { base: base.key, data, measuring, tasks: hashes, folders });
  const current = new CurrentModel(model, { key: base.key, purpose });
  const { config, decoder, tokenizer } = model;
  return {
    model: { config, decoder, tokenizer },
    current,
    base,
    baseFolder: folder,
    sets,
    tasks,
    stageTasks,
    mergeFolders,
    plan,
  };
}

/** Tasks are put to a model only when it was trained: that they cannot be is told before. @throws UsageError */
function requireAskable({ sizes: { headSize } }: Decoder): void {
  if (headSize % headSizeStep === 0) return;
  throw new UsageError({
    field: 'head size of the base',
    found: String(headSize),
    expected: `a multiple of ${headSizeStep}, with which the runtime can put tasks to a model`,
    fix: 'Choose another base, or leave out evaluation.tasks and the stages that evaluate.',
  });
}

/** Gradients and moments of the whole model are needed where a stage trains more than an adapter. */
const purposeOf = ({ stages }: Recipe): Purpose =>
  stages.some((stage) => isTrainingStage(stage) && adapterOf(stage) === undefined) ? 'training' : 'inference';

type QuestionTasks = ReadonlyMap<string, TaskGroup>;

/** By the names of the sets. */
async function askAboutDocuments(data: Recipe['data'], options: PrepareOptions): Promise<QuestionTasks> {
  const { onProgress, ...reading } = options;
  const asked = new Map<string, TaskGroup>();
  for (const [name, set] of Object.entries(data)) {
    if (!('document_questions' in set)) continue;
    const { documents, ...source } = set.document_questions;
    const about = data[documents];
    if (isConversationSource(about)) throw new Error(`${documents} is a set of conversations`);
    const onDocument = (step: number) => onProgress({ stage: `make ${name}`, step, total: 0 });
    asked.set(
      name,
      await documentQuestionTasks(name, source, { set: documents, source: about }, { ...reading, onDocument }),
    );
  }
  return asked;
}

async function readSets(
  recipe: Recipe,
  { tokenizer }: Pick<Model, 'tokenizer'>,
  questions: QuestionTasks,
  options: PrepareOptions,
) {
  const { onProgress, onWarning, sets = new Map<string, DataSet>(), ...reading } = options;
  for (const [name, source] of Object.entries(recipe.data)) {
    if (sets.has(name)) continue;
    const onRead = (progress: Omit<Progress, 'stage'>) => onProgress({ stage: `read ${name}`, ...progress });
    const set = await loadDataSet(name, source, tokenizer!, {
      ...reading,
      questions,
      onProgress: onRead,
      onWarning,
    });
    const { skipped } = set.statistics;
    if (skipped > 0) onWarning(`data.${name}: ${skipped} broken ${skipped === 1 ? 'record' : 'records'} left out`);
    sets.set(name, set);
  }
  return sets;
}

/** A set of questions about documents goes before a task of the same name. */
async function loadTasks(
  names: readonly string[],
  questions: QuestionTasks,
  { root, onWarning }: PrepareOptions,
): Promise<Tasks> {
  const others = names.filter((name) => !questions.has(name));
  const found = await findTasks(others.map((name) => (isTaskFile(name) ? resolve(root, name) : name)));
  const loaded = [...names.flatMap((name) => questions.get(name) ?? []), ...found];
  for (const { name, warnings } of distinctTasks(loaded))
    for (const warning of warnings) onWarning(`${name}: ${warning}`);
  return loaded;
}

const hashesOf = (tasks: Tasks): Promise<string[]> => Promise.all(distinctTasks(tasks).map(hashWithData));

/** Of the numbers that a measurement gives: for those of the same model, equal hashes are equal numbers. */
async function measuringHash(
  { evaluation }: Recipe,
  sets: ReadonlyMap<string, Pick<DataSet, 'heldOut'>>,
  tasks: Tasks,
): Promise<string> {
  const { on, confidence: _, ...bits } = evaluation.bits_per_byte;
  const { on: __, ...asking } = evaluation.tasks;
  const parts = on.map((name) => [name, heldOutHash(sets.get(name)!.heldOut)]);
  return hashOf([bits, parts, asking, await hashesOf(tasks)]);
}

/** Which tasks there are is known only now; those of sets were checked with the recipe. */
function requireMeasured({ stages }: Recipe, tasks: Tasks): void {
  const known = distinctTasks(tasks).map(({ name }) => name);
  for (const { name, gate } of stages.filter(isModelStage)) {
    const wrong = gate.metrics.find((metric) => !metric.startsWith('bits_per_byte/') && !known.includes(metric));
    if (wrong === undefined) continue;
    const meant = nearest(wrong, known);
    throw new UsageError({
      field: `gate.metrics of the stage ${name}`,
      found: `${JSON.stringify(wrong)}, which is not measured`,
      expected: `one of ${known.join(', ')}`,
      fix: meant === undefined ? 'Add the task to evaluation.tasks.on.' : `Did you mean "${meant}"?`,
    });
  }
}
