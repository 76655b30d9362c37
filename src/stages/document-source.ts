/** Where a recipe's documents come from, and their texts, each with the part that it is in. */
import { type ReadDocumentsOptions, readDocuments } from '../data/readers/read-documents.ts';
import type { DocumentName } from '../data/token-shard.ts';
import { groupOf } from '../data/tokenize.ts';
import { type Document, generateFinance, generateGeneral } from '../finworld/index.ts';
import type { DataSetOptions } from './data-set.ts';
import { inRecipe } from './in-recipe.ts';
import { groupField, type HeldOutRule, splitNames } from './split-names.ts';

/** Invented text, see `docs/finworld.md`; companies and places of the held-out part are in no training document. */
export interface FinworldSource {
  readonly world: 'finance' | 'general';
  readonly documents: number;
  readonly held_out_documents: number;
  /** Kinds of documents; all of them unless told. */
  readonly genres?: readonly string[];
  /** Seed of the world. */
  readonly seed: number;
}

export interface FilesSource {
  /** Files, folders and globs. */
  readonly files: readonly string[];
  readonly text_field: string;
  /** Leave broken records out and count them, instead of stopping at the first. */
  readonly skip_broken: boolean;
  readonly held_out: HeldOutRule;
  /** Take the first so many documents only. */
  readonly max_documents: number | null;
}

export type DocumentSource = { readonly finworld: FinworldSource } | FilesSource;

type ReadingOptions = Pick<DataSetOptions, 'root' | 'signal'>;

export interface SplitText {
  readonly id: string;
  readonly text: string;
  readonly isHeldOut: boolean;
}

/** The documents of a set, one at a time, split as its tokens are. @throws as `readDocuments` and `holdOut`, naming the set */
export async function* splitTexts(
  set: string,
  source: DocumentSource,
  options: ReadingOptions,
): AsyncGenerator<SplitText> {
  try {
    yield* 'finworld' in source ? splitWorld(source.finworld) : splitFiles(source, options);
  } catch (error) {
    throw inRecipe(set, error);
  }
}

function* splitWorld(source: FinworldSource): Generator<SplitText> {
  for (const { id, text } of generate(source, 'train')) yield { id, text, isHeldOut: false };
  for (const { id, text } of generate(source, 'heldOut')) yield { id, text, isHeldOut: true };
}

async function* splitFiles(source: FilesSource, options: ReadingOptions): AsyncGenerator<SplitText> {
  const names: DocumentName[] = [];
  const field = groupField(source.held_out);
  for await (const document of readDocuments([...source.files], readOptions(source, options))) {
    names.push({ id: document.id, source: document.source, group: groupOf(document, field) });
  }
  const taken = first(names, source.max_documents);
  const heldOut = new Set(splitNames(taken, source.held_out).heldOut);
  let index = 0;
  for await (const { id, text } of readDocuments([...source.files], readOptions(source, options))) {
    if (index === taken.length) return;
    yield { id, text, isHeldOut: heldOut.has(index++) };
  }
}

export function* generate(
  { world, seed, genres, ...source }: FinworldSource,
  part: 'train' | 'heldOut',
): Generator<Document> {
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

export const readOptions = (source: FilesSource, { root, signal }: ReadingOptions): ReadDocumentsOptions => ({
  root,
  signal,
  textField: source.text_field,
  onBadLine: source.skip_broken ? 'skip' : 'error',
});

export const first = <T>(all: readonly T[], most: number | null): readonly T[] => all.slice(0, most ?? all.length);
