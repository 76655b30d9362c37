/** The named sets of a recipe as token ids: one part to train on, one that is held out. */
import { basename } from 'node:path';
import { type ReadDocumentsOptions, readDocuments } from '../data/readers/read-documents.ts';
import type { DocumentName } from '../data/token-shard.ts';
import { memoryStore, subStore, type TokenStore } from '../data/token-store.ts';
import { groupOf, tokenizeDocuments } from '../data/tokenize.ts';
import { InputError, UsageError } from '../errors.ts';
import type { HeldOutSet } from '../eval/held-out.ts';
import { type Document, generateFinance, generateGeneral } from '../finworld/index.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { loadConversationSet } from './conversation-set.ts';
import { type ConversationSource, isConversationSource } from './conversation-source.ts';
import type { HeldOutAnswers } from './score-answers.ts';
import { groupField, type HeldOutRule, splitNames } from './split-names.ts';

/** Invented text, see `docs/finworld.md`; companies and places of the held-out part are in no training document. */
interface FinworldSource {
  readonly world: 'finance' | 'general';
  readonly documents: number;
  readonly held_out_documents: number;
  /** Kinds of documents; all of them unless told. */
  readonly genres?: readonly string[];
  /** Seed of the world. */
  readonly seed: number;
}

interface FilesSource {
  /** Files, folders and globs. */
  readonly files: readonly string[];
  readonly text_field: string;
  /** Leave broken records out and count them, instead of stopping at the first. */
  readonly skip_broken: boolean;
  readonly held_out: HeldOutRule;
  /** Take the first so many documents only. */
  readonly max_documents: number | null;
}

type DocumentSource = { readonly finworld: FinworldSource } | FilesSource;
export type DataSource = DocumentSource | ConversationSource;

interface DataStatistics {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly heldOutDocuments: number;
  /** Records that were left out because they could not be read. */
  readonly skipped: number;
}

export interface DataSet {
  readonly name: string;
  readonly train: TokenStore;
  /** What is measured: all of each document, or of conversations what the assistant says. */
  readonly heldOut: HeldOutSet | HeldOutAnswers;
  readonly statistics: DataStatistics;
}

export interface DataSetOptions {
  /** Folder that file names are relative to. */
  readonly root: string;
  /** Where token ids are kept between runs. */
  readonly cacheDir: string;
  readonly onProgress?: (progress: { readonly step: number; readonly total: number; readonly tokens: number }) => void;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

export function loadDataSet(
  name: string,
  source: DataSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  if ('finworld' in source) return Promise.resolve(generateSet(name, source.finworld, tokenizer));
  const loading = isConversationSource(source)
    ? loadConversationSet(name, source, tokenizer, options)
    : readSet(name, source, tokenizer, options);
  return loading.catch((error: unknown) => {
    throw inRecipe(name, error);
  });
}

/** The readers name their own settings; in a recipe these are fields. */
function inRecipe(set: string, error: unknown): unknown {
  if (!(error instanceof InputError || error instanceof UsageError)) return error;
  const { field, fix, ...problem } = error.problem;
  const inFields = fix
    .replace(/set onBadLine to 'skip'/g, 'set skip_broken: true')
    .replace(/\btextField\b/g, 'text_field');
  const Kind = error instanceof InputError ? InputError : UsageError;
  const at = field === '--tasks' ? 'tasks.on' : field;
  return new Kind({ field: `data.${set}: ${at}`, ...problem, fix: inFields }, { cause: error });
}

/** The texts of the training part, for what has to be made before there is a tokenizer. */
export async function* trainingTexts(
  name: string,
  source: DataSource,
  options: DataSetOptions,
): AsyncGenerator<string> {
  if ('finworld' in source) {
    for (const { text } of generate(source.finworld, 'train')) yield text;
    return;
  }
  if (isConversationSource(source)) throw new Error(`${name} is a set of conversations, which need a tokenizer`);
  try {
    yield* trainingTextsOf(source, options);
  } catch (error) {
    throw inRecipe(name, error);
  }
}

async function* trainingTextsOf(source: FilesSource, options: DataSetOptions): AsyncGenerator<string> {
  const names: DocumentName[] = [];
  const field = groupField(source.held_out);
  for await (const document of readDocuments([...source.files], readOptions(source, options))) {
    names.push({ id: document.id, source: document.source, group: groupOf(document, field) });
  }
  const { train } = splitNames(first(names, source.max_documents), source.held_out);
  const wanted = new Set(train);
  let index = 0;
  for await (const { text } of readDocuments([...source.files], readOptions(source, options))) {
    if (wanted.has(index++)) yield text;
  }
}

function* generate({ world, seed, genres, ...source }: FinworldSource, part: 'train' | 'heldOut'): Generator<Document> {
  const write = world === 'finance' ? generateFinance : generateGeneral;
  if (part === 'train') return yield* write({ seed, split: 'train', documents: source.documents, genres });
  // What is about the economy as a whole tells the same facts in both splits: only entities are held out.
  let left = source.held_out_documents;
  for (const document of write({ seed, split: 'heldout', documents: Number.MAX_SAFE_INTEGER, genres })) {
    if (document.company === undefined && document.place === undefined) continue;
    yield document;
    if (--left === 0) return;
  }
}

function generateSet(name: string, source: FinworldSource, tokenizer: Tokenizer): DataSet {
  let bytes = 0;
  const train = memoryStore(
    [...generate(source, 'train')].map(({ text }) => {
      bytes += Buffer.byteLength(text);
      return { ids: tokenizer.encode(text, { addSpecialTokens: false }) };
    }),
  );
  const documents = [...generate(source, 'heldOut')].map(({ id, source: genre, text }) => {
    return { id, source: genre, ids: tokenizer.encode(text, { addSpecialTokens: false }) };
  });
  const statistics = { bytes, skipped: 0, heldOutDocuments: documents.length };
  return { name, train, heldOut: { name, documents }, statistics: { ...count(train), ...statistics } };
}

async function readSet(
  name: string,
  source: FilesSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  const { hash, vocabSize } = tokenizer;
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });
  const corpus = await tokenizeDocuments(
    [...source.files],
    { hash, vocabSize, encode },
    {
      ...readOptions(source, options),
      groupField: groupField(source.held_out),
      cacheDir: options.cacheDir,
      onProgress: ({ bytes, totalBytes, tokens }) => options.onProgress?.({ step: bytes, total: totalBytes, tokens }),
    },
  );
  const names = Array.from({ length: corpus.documents }, (_, document) => corpus.name(document));
  const { train, heldOut } = splitNames(first(names, source.max_documents), source.held_out);
  const documents = Array.from(heldOut, (document) => ({
    id: names[document].id,
    source: basename(names[document].source),
    ids: Int32Array.from(corpus.ids(document)),
  }));
  const store = subStore(corpus, train);
  const bytes = train.reduce((sum, document) => sum + corpus.byteLength(document), 0);
  const statistics = { bytes, skipped: corpus.skipped.records, heldOutDocuments: documents.length };
  return { name, train: store, heldOut: { name, documents }, statistics: { ...count(store), ...statistics } };
}

const readOptions = (source: FilesSource, { root, signal }: DataSetOptions): ReadDocumentsOptions => ({
  root,
  signal,
  textField: source.text_field,
  onBadLine: source.skip_broken ? 'skip' : 'error',
});

const first = <T>(all: readonly T[], most: number | null): readonly T[] => all.slice(0, most ?? all.length);

function count(store: TokenStore) {
  let tokens = 0;
  for (let document = 0; document < store.documents; document++) tokens += store.length(document);
  return { documents: store.documents, tokens };
}
