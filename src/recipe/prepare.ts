/** All that a run reads before it does anything: the base, the data, the tasks; and from their hashes, the plan. */
import { resolve } from 'node:path';
import type { AdaptedModel } from '../adapters/attach.ts';
import type { AdaptedEncoderDecoder } from '../adapters/attach-encoder-decoder.ts';
import type { DownloadProgress } from '../checkpoint/hub/fetch-revision.ts';
import { readSentenceModules } from '../embed/sentence-modules.ts';
import { InputError, UsageError } from '../errors.ts';
import { distinctTasks, findTasks, isTaskFile } from '../eval/run/find-tasks.ts';
import { hashWithData } from '../eval/tasks/data/data-hash.ts';
import type { Task, TaskGroup } from '../eval/tasks/task.ts';
import { headSizeStep } from '../generate/frozen/freeze.ts';
import type { Decoder } from '../models/decoder.ts';
import type { Encoder } from '../models/encoder.ts';
import type { EncoderDecoderModel } from '../models/encoder-decoder-model.ts';
import type { Model, Purpose } from '../models/model.ts';
import { modelHash } from '../models/model-hash.ts';
import { decoderAsEncoder } from '../models/transformer/encoder.ts';
import type { Progress } from '../observe/progress.ts';
import { requireSettings } from '../stages/contrastive-settings.ts';
import { isConversationSource } from '../stages/conversation-source.ts';
import { type DataSet, loadDataSet } from '../stages/data-set.ts';
import { documentQuestionTasks } from '../stages/document-question-tasks.ts';
import { heldOutHash } from '../stages/measure-sets.ts';
import { openBase, openVectorBase } from '../stages/open-base.ts';
import { hashOfPairs, loadPairSet, type PairSet } from '../stages/pair-set.ts';
import { isPairSource } from '../stages/pair-source.ts';
import { assertMeasured } from '../stages/training-watch.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { nearest } from '../yaml/near-miss.ts';
import { requireTextToText } from './checks/check-text-to-text.ts';
import { CurrentModel } from './current-model.ts';
import { fieldPath } from './field-path.ts';
import { taskMetricNames } from './measure/task-metric-names.ts';
import { decoderKind, encoderDecoderKind } from './model-kinds.ts';
import { ofStage } from './of-stage.ts';
import { findMergeFolders, type MergeFolder } from './plan/merge-folders.ts';
import { modulesHash } from './plan/modules-hash.ts';
import { hashOf, type PlannedStage, planStages, type ResultId } from './plan/plan-stages.ts';
import { shapeOfVectorStage } from './plan/stage-shape.ts';
import { type VectorSettings, vectorSettings } from './plan/vector-settings.ts';
import type { Recipe } from './schema/recipe.ts';
import { BASE, makesVectorsOnly } from './schema/stage-names.ts';
import { adapterOf, isContrastiveStage, isModelStage, isTrainingStage, settingsOf } from './stage.ts';

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
  /** What the base is opened for. Default: what the stages need. */
  readonly purpose?: Purpose;
}

export interface Prepared {
  /** Undefined in a run that only makes vectors. */
  readonly language: LanguageModel | undefined;
  /** What makes vectors: the base, or its layers; undefined for an encoder-decoder. */
  readonly encoder: Encoder | undefined;
  /** By contrastive stage, how its model will make vectors. */
  readonly vectors: ReadonlyMap<string, VectorSettings>;
  readonly base: ResultId;
  /** Folder of the base; undefined for a model that was made here. */
  readonly baseFolder: string | undefined;
  readonly sets: ReadonlyMap<string, DataSet>;
  readonly pairs: ReadonlyMap<string, PairSet>;
  /** What every model is asked. */
  readonly tasks: Tasks;
  /** By name, what `evaluate` stages ask. */
  readonly stageTasks: ReadonlyMap<string, Tasks>;
  /** Models and adapters that merges take from elsewhere, by their names in the recipe. */
  readonly mergeFolders: ReadonlyMap<string, MergeFolder>;
  /** Hash of all that is learnt from, measured and asked. */
  readonly dataHash: string;
  readonly plan: readonly PlannedStage[];
}

/** A model that writes text: one that goes on with it, or one that answers it with another. */
export type LanguageModel = DecoderBase | EncoderDecoderBase;

export interface DecoderBase {
  /** The base, without its weights. */
  readonly model: Pick<Model, 'config' | 'decoder' | 'tokenizer'>;
  /** Holds the weights, at first those of the base; stages change them in place. */
  readonly current: CurrentModel<Model, AdaptedModel>;
}

/** The same of an encoder-decoder. */
export interface EncoderDecoderBase {
  readonly model: Pick<EncoderDecoderModel, 'config' | 'architecture' | 'tokenizer'>;
  readonly current: CurrentModel<EncoderDecoderModel, AdaptedEncoderDecoder>;
}

/** The language model of a run that has a stage for one. */
export function languageOf({ language }: Pick<Prepared, 'language'>): LanguageModel {
  if (language === undefined) throw new Error('a run that only makes vectors has no language model');
  return language;
}

export const isPairwise = (language: LanguageModel): language is EncoderDecoderBase => 'architecture' in language.model;

/** What makes vectors in a run that has a stage for it. */
export function encoderOf({ encoder }: Pick<Prepared, 'encoder'>): Encoder {
  if (encoder === undefined) throw new Error('an encoder-decoder makes no vectors');
  return encoder;
}

type Tasks = readonly (Task | TaskGroup)[];

/** @throws UsageError or InputError as opening the base, reading the data and loading tasks do */
export async function prepare(recipe: Recipe, options: PrepareOptions): Promise<Prepared> {
  const { onProgress: _, ...reading } = options;
  // Tasks first: a wrong name is found before a model is read.
  const questions = await askAboutDocuments(recipe.data, options);
  const tasks = await loadTasks(recipe.evaluation.tasks.on, questions, options).catch(
    inField(recipe, 'evaluation.tasks.on'),
  );
  requireMeasured(recipe, tasks);
  const stageTasks = new Map<string, Tasks>();
  for (const stage of recipe.stages) {
    if (!('evaluate' in stage)) continue;
    const asked = loadTasks(stage.evaluate.tasks, questions, options);
    stageTasks.set(stage.name, await asked.catch(inField(recipe, `evaluate.tasks of the stage ${stage.name}`)));
  }
  requireWatched(recipe, tasks);
  const { language, encoder, tokenizer, folder, key } = await openAny(recipe, options).catch(inField(recipe, 'base'));
  const asPairs = language !== undefined && isPairwise(language);
  if (language && !isPairwise(language)) {
    requirePositions(recipe, language.model.decoder);
    if (tasks.length > 0 || stageTasks.size > 0) requireAskable(language.model.decoder);
  }
  const base: ResultId = { kind: BASE, key };
  const sets = await readSets(recipe, { tokenizer, asPairs }, questions, options);
  const pairs = await readPairSets(recipe, tokenizer, reading);
  const said = folder === undefined ? undefined : await readSentenceModules(folder).catch(inField(recipe, 'base'));
  const vectors = encoder ? vectorSettings(recipe, { encoder, tokenizer }, said) : new Map<string, VectorSettings>();
  if (encoder) requireLessons(recipe, encoder, pairs);
  const data = new Map([
    ...[...sets].map(([name, { train }]) => [name, train.hash] as const),
    ...[...pairs].map(([name, { train }]) => [name, hashOfPairs(train)] as const),
  ]);
  const hashes = new Map<string, readonly string[]>();
  for (const [name, asked] of stageTasks) hashes.set(name, await hashesOf(asked));
  const measuring = await measuringHash(recipe, sets, tasks);
  const mergeFolders = await findMergeFolders(recipe, options);
  const folders = new Map([...mergeFolders].map(([name, { hash }]) => [name, hash]));
  const plan = planStages(recipe, {
    base: key,
    modules: folder === undefined ? undefined : await modulesHash(folder),
    data,
    measuring,
    tasks: hashes,
    folders,
  });
  const asked = [...pairs.values()].map(({ heldOut }) => hashOfPairs(heldOut));
  const dataHash = hashOf([[...data], measuring, [...hashes], asked]);
  return {
    language,
    encoder,
    vectors,
    base,
    baseFolder: folder,
    sets,
    pairs,
    tasks,
    stageTasks,
    mergeFolders,
    dataHash,
    plan,
  };
}

/** Says of which field of the recipe an error is, in place of the option of a command. */
const inField = (recipe: Recipe, name: string) => (thrown: unknown) => {
  const error = isMissing(thrown) ? nothingThere(thrown) : thrown;
  if (!(error instanceof UsageError || error instanceof InputError)) throw error;
  const { field, ...problem } = error.problem;
  const Kind = error instanceof InputError ? InputError : UsageError;
  // A base may be made of a set, or be none for a stage; these name themselves.
  if (fieldPath(recipe, field) !== undefined) throw error;
  throw new Kind({ field: field === '--tasks' ? name : `${name}: ${field}`, ...problem }, { cause: error });
};

const isMissing = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const nothingThere = (cause: NodeJS.ErrnoException): InputError =>
  new InputError(
    {
      field: cause.path ?? cause.message,
      found: 'no such file or folder',
      expected: 'a path that exists, or a hub id',
      fix: 'Check the path; it is relative to the folder of the recipe.',
    },
    { cause },
  );

/** The base as the stages need it. */
async function openAny(recipe: Recipe, { onProgress, onWarning, ...reading }: PrepareOptions) {
  const { base, data, evaluation, seed, stages } = recipe;
  const onDownload = ({ done, total }: DownloadProgress) =>
    onProgress({ stage: 'fetch the base', step: done, total, unit: 'bytes' });
  // Of a recipe with other stages, which were left out, texts are measured and tasks are put to a language model still.
  const asksNothingElse = Object.values(data).every(isPairSource) && evaluation.tasks.on.length === 0;
  if (makesVectorsOnly(stages) && asksNothingElse && 'checkpoint' in base) {
    const { model, folder } = await openVectorBase(base, { ...reading, onWarning, onDownload });
    model.warnings.forEach(onWarning);
    const { encoder, tokenizer } = model;
    return { language: undefined, encoder, tokenizer, folder, key: modelHash(model) };
  }
  const { purpose = purposeOf(recipe), ...opening } = reading;
  const onEncoderDecoder = () => requireTextToText(recipe);
  const asked = { ...opening, seed, purpose, onEncoderDecoder, onWarning, onDownload };
  const { model, folder } = await openBase(base, data, asked);
  model.warnings.forEach(onWarning);
  const key = modelHash(model);
  const { config } = model;
  const tokenizer = model.tokenizer!;
  if ('architecture' in model) {
    const current = new CurrentModel(model, { key, purpose, kind: encoderDecoderKind });
    const language = { model: { config, architecture: model.architecture, tokenizer }, current };
    return { language, encoder: undefined, tokenizer, folder, key };
  }
  const { decoder } = model;
  const current = new CurrentModel(model, { key, purpose, kind: decoderKind });
  return {
    language: { model: { config, decoder, tokenizer }, current },
    encoder: decoderAsEncoder(decoder),
    tokenizer,
    folder,
    key,
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

/** As `checkModel` for a model that is made here: beyond its positions a model has learnt nothing. @throws UsageError */
function requirePositions({ stages, evaluation }: Recipe, { sizes: { positions } }: Decoder): void {
  const training = stages.filter(isTrainingStage);
  const { on, length: measured } = evaluation.bits_per_byte;
  const lengths = [
    ...training.map((stage) => ({
      field: `batch.length of the stage ${stage.name}`,
      length: settingsOf(stage).batch.length,
    })),
    ...(on.length > 0 ? [{ field: 'evaluation.bits_per_byte.length', length: measured }] : []),
  ];
  const long = lengths.find(({ length }) => length > positions);
  if (long === undefined) return;
  throw new UsageError({
    field: long.field,
    found: String(long.length),
    expected: `at most max_position_embeddings of the base, ${positions}`,
    fix: 'Shorten the sequences, or raise max_position_embeddings in the config.json of a base with rotary positions.',
  });
}

/** What a contrastive stage would refuse when it begins is told before an earlier one has trained. @throws UsageError */
function requireLessons({ stages, seed }: Recipe, encoder: Encoder, sets: ReadonlyMap<string, PairSet>): void {
  for (const stage of stages.filter(isContrastiveStage)) {
    const { on, ...training } = stage.contrastive;
    const pairs = on.reduce((sum, set) => sum + sets.get(set)!.train.length, 0);
    const settings = { ...training, prefixes: { query: '', document: '' }, seed };
    ofStage(stage, () => requireSettings(settings, { pairs, width: encoder.sizes.hidden }));
    // That the layers are there which an adapter is for.
    shapeOfVectorStage(encoder, stage);
  }
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
    if (isConversationSource(about) || isPairSource(about)) throw new Error(`${documents} is no set of documents`);
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
  { tokenizer, asPairs }: { readonly tokenizer: Tokenizer; readonly asPairs: boolean },
  questions: QuestionTasks,
  options: PrepareOptions,
) {
  const { onProgress, onWarning, sets = new Map<string, DataSet>(), ...reading } = options;
  for (const [name, source] of Object.entries(recipe.data)) {
    if (sets.has(name) || isPairSource(source)) continue;
    const onRead = (progress: Omit<Progress, 'stage'>) => onProgress({ stage: `read ${name}`, ...progress });
    const set = await loadDataSet(name, source, tokenizer, {
      ...reading,
      asPairs,
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

async function readPairSets(
  { data }: Recipe,
  tokenizer: Tokenizer,
  options: Parameters<typeof loadPairSet>[3],
): Promise<Map<string, PairSet>> {
  const sets = new Map<string, PairSet>();
  for (const [name, source] of Object.entries(data)) {
    if (isPairSource(source)) sets.set(name, await loadPairSet(name, source.pairs, tokenizer, options));
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

/** That training watches what is measured, as `checkWatched` for what tasks measure. @throws UsageError */
function requireWatched({ stages, evaluation }: Recipe, tasks: Tasks): void {
  const measured = [...evaluation.bits_per_byte.on.map((set) => `bits_per_byte/${set}`), ...taskMetricNames(tasks)];
  for (const stage of stages.filter(isTrainingStage)) {
    ofStage(stage, () => assertMeasured(settingsOf(stage), measured));
  }
}

/** Which tasks there are is known only now; those of sets were checked with the recipe. */
function requireMeasured({ stages }: Recipe, tasks: Tasks): void {
  const known = distinctTasks(tasks).map(({ name }) => name);
  for (const stage of stages) {
    if (!isModelStage(stage) || isContrastiveStage(stage)) continue;
    const { name, gate } = stage;
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
