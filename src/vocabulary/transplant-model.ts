/**
 * Gives a model the vocabulary of another, the donor, so that both cut texts alike. Tokens that both have keep the model's own rows.
 * A row that the model lacks is said in rows of shared tokens: in the donor's table, where all of them are, the weights are
 * found, and they are applied to the model's rows of the same tokens.
 */
import { InputError } from '../errors.ts';
import { requireFinite } from '../models/model-checkpoint.ts';
import { requireWeightMemory } from '../models/weight-memory.ts';
import type { Engine } from '../runtime/engine.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { createAtoms, normOf } from './atoms.ts';
import { matchingPursuit } from './matching-pursuit.ts';
import { nearestTokens } from './nearest-tokens.ts';
import { type ModelVocabulary, openVocabulary, requireWritable, rowsFor, writeVocabulary } from './open-vocabulary.ts';
import { piecesOf, sharedTokens } from './shared-tokens.ts';
import { type Combination, copyOf, meanOf, type RowRecipe, type TokenTable } from './token-rows.ts';

/** The first two read the donor's tables, the others its tokenizer alone. */
export const transplantMethods = ['omp', 'nearest', 'subword', 'mean', 'random', 'zero'] as const;
export type TransplantMethod = (typeof transplantMethods)[number];

const byTables = { omp: matchingPursuit, nearest: nearestTokens } as const;

export interface TransplantOptions {
  /** Default `omp`. */
  readonly method?: TransplantMethod;
  /** Shared tokens that a row is said in, at most. Default 64 for `omp`, 8 for `nearest`. */
  readonly atoms?: number;
  /** Makes the number of rows a multiple of this. Default: a row for each token. */
  readonly padToMultipleOf?: number;
  /** Of random rows. Default 0. */
  readonly seed?: number;
}

export interface Transplanted {
  readonly tokens: number;
  readonly rows: number;
  /** Tokens that both have. */
  readonly shared: number;
  /** Whether the end of text of the model became one of the donor; without, texts go on to their longest. */
  readonly keepsEnd: boolean;
  /** What is odd about the models that were read. */
  readonly warnings: readonly string[];
}

const fewestAtoms = { omp: 64, nearest: 8 } as const;

/**
 * @param donor a model folder; a folder with a tokenizer alone is enough where its tables are not read
 * @throws UsageError for an `out` that exists, options outside their range, or tables that do not fit into memory;
 * InputError for vocabularies that share nothing, or rows of the donor that are not finite
 */
export async function transplantModel(
  engine: Engine,
  folder: string,
  donor: string,
  out: string,
  { method = 'omp', atoms, padToMultipleOf, seed = 0 }: TransplantOptions = {},
): Promise<Transplanted> {
  await requireWritable(out, { atoms, padToMultipleOf });
  const model = await openVocabulary(folder);
  try {
    const isByTables = method === 'omp' || method === 'nearest';
    const other = isByTables ? await openVocabulary(donor) : undefined;
    try {
      const tokenizer = other?.tokenizer ?? (await loadTokenizer(donor));
      const from = sharedTokens(model.tokenizer, tokenizer);
      const shared = from.filter((id) => id >= 0).length;
      if (shared === 0) throw nothingShared(donor);
      const most = atoms ?? (isByTables ? fewestAtoms[method] : 0);
      const say = (ours: 'embedding' | 'head') =>
        isByTables
          ? recipesByTable(engine, other!, other![ours] ?? other!.embedding, { from, method, most })
          : recipesByTokens(model, tokenizer, { from, method });
      const embedding = await say('embedding');
      const head = model.head ? await say('head') : [];
      const tokens = tokenizer.vocabSize;
      const rows = rowsFor(tokens, 0, padToMultipleOf);
      const padded = (recipes: readonly RowRecipe[]): readonly RowRecipe[] => [
        ...recipes,
        ...Array.from({ length: rows - tokens }, (): RowRecipe => 'mean'),
      ];
      const idOf = idsIn(model.tokenizer, tokenizer, from);
      await writeVocabulary(out, model, {
        files: tokenizer.files,
        rows,
        embedding: padded(embedding),
        head: padded(head),
        idOf,
        seed,
      });
      const { eosId } = model.tokenizer;
      const keepsEnd = eosId === undefined || idOf(eosId) !== undefined;
      return { tokens, rows, shared, keepsEnd, warnings: [...model.warnings, ...(other?.warnings ?? [])] };
    } finally {
      await other?.checkpoint.close();
    }
  } finally {
    await model.checkpoint.close();
  }
}

interface Said<Method> {
  /** For each token of the donor the model's id of it, or -1. */
  readonly from: Int32Array;
  readonly method: Method;
}

function recipesByTokens(
  { tokenizer: own }: ModelVocabulary,
  tokenizer: Tokenizer,
  { from, method }: Said<Exclude<TransplantMethod, 'omp' | 'nearest'>>,
): readonly RowRecipe[] {
  return Array.from(from, (id, token): RowRecipe => {
    if (id >= 0) return copyOf(id);
    if (method !== 'subword') return method;
    const pieces = piecesOf(own, tokenizer, token);
    return pieces.length > 0 ? meanOf(pieces) : 'mean';
  });
}

/** Rows of missing tokens that are said at once. */
const rowsAtOnce = 1024;

async function recipesByTable(
  engine: Engine,
  { folder }: ModelVocabulary,
  table: TokenTable,
  { from, method, most }: Said<'omp' | 'nearest'> & { readonly most: number },
): Promise<readonly RowRecipe[]> {
  const tokens = Array.from(from.keys());
  const shared = tokens.filter((token) => from[token] >= 0);
  const missing = tokens.filter((token) => from[token] < 0);
  // The atoms, and the same at norm 1.
  requireWeightMemory(folder, 2 * 4 * shared.length * table.width);
  const known = await readRows(table, shared);
  requireFinite(folder, table.name, normOf(known));
  const atoms = createAtoms(engine, known, table.width);
  const combinations: Combination[] = [];
  try {
    for (let first = 0; first < missing.length; first += rowsAtOnce) {
      const rows = await readRows(table, missing.slice(first, first + rowsAtOnce));
      requireFinite(folder, table.name, normOf(rows));
      combinations.push(...(await byTables[method](atoms, rows, most)));
    }
  } finally {
    await engine.drain();
    atoms.release();
  }
  const recipes: RowRecipe[] = Array.from(from, copyOf);
  for (const [i, { rows, weights }] of combinations.entries()) {
    recipes[missing[i]] = { rows: rows.map((atom) => from[shared[atom]]), weights };
  }
  return recipes;
}

async function readRows({ checkpoint, name, width }: TokenTable, rows: readonly number[]): Promise<Float32Array> {
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(await checkpoint.readRange(name, row * width, width), i * width);
  return values;
}

/** From an id of the model to the donor's of the same token, or of the same role. */
function idsIn(own: Tokenizer, donor: Tokenizer, from: Int32Array): (id: number) => number | undefined {
  const ids = new Map(Array.from(from, (id, token): [number, number] => [id, token]).reverse());
  const roles = [
    [own.bosId, donor.bosId],
    [own.eosId, donor.eosId],
    [own.padId, donor.padId],
  ] as const;
  return (id) => ids.get(id) ?? roles.find(([before]) => before === id)?.[1];
}

const nothingShared = (donor: string): InputError =>
  new InputError({
    field: donor,
    found: 'no token that the model has too',
    expected: 'vocabularies that share tokens',
    fix: 'Choose another donor.',
  });
