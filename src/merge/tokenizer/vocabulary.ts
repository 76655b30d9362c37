/** The vocabulary of a model folder, as far as merging needs it: which token has which id. */
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';

export interface Vocabulary {
  readonly folder: string;
  /** `tokenizer.json` as it is. */
  readonly definition: JsonObject;
  /** Ids by token, added tokens included. */
  readonly ids: ReadonlyMap<string, number>;
  /** Entries of `added_tokens` by their text. */
  readonly added: ReadonlyMap<string, JsonObject>;
}

/** Far more than any vocabulary, and few enough for a map of rows. */
const mostIds = 2 ** 24;

/** @returns undefined for a folder without `tokenizer.json` @throws InputError for one that is not a tokenizer */
export async function readVocabulary(folder: string): Promise<Vocabulary | undefined> {
  const path = join(folder, 'tokenizer.json');
  if (!(await exists(path))) return undefined;
  const definition = await readJsonObject(path);
  const { model, added_tokens: list = [] } = definition;
  const refuse = (field: string, found: string, expected: string): InputError =>
    new InputError({ field: `${path}, ${field}`, found, expected, fix: 'Copy or download the tokenizer again.' });
  if (!isJsonObject(model)) throw refuse('model', 'no object', 'a tokenizer model with its vocabulary');
  const ids = new Map<string, number>();
  for (const [token, id] of entriesOf(model.vocab)) {
    if (!isId(id)) throw refuse(`vocabulary, ${JSON.stringify(token)}`, JSON.stringify(id), 'a token id');
    ids.set(token, id);
  }
  if (ids.size === 0) throw refuse('model.vocab', 'no tokens', 'tokens with their ids');
  const added = new Map<string, JsonObject>();
  for (const entry of Array.isArray(list) ? list : []) {
    if (!isJsonObject(entry) || typeof entry.content !== 'string' || !isId(entry.id)) {
      throw refuse('added_tokens', JSON.stringify(entry).slice(0, 80), 'tokens with content and id');
    }
    added.set(entry.content, entry);
    ids.set(entry.content, entry.id);
  }
  return { folder, definition, ids, added };
}

function isId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < mostIds;
}

/** By name as BPE and WordPiece have them, or in order with scores as Unigram has them. */
function entriesOf(vocabulary: unknown): readonly (readonly [string, unknown])[] {
  if (isJsonObject(vocabulary)) return Object.entries(vocabulary);
  if (!Array.isArray(vocabulary)) return [];
  return vocabulary.map((entry: unknown, id) => [Array.isArray(entry) ? String(entry[0]) : String(entry), id] as const);
}

/** One more than the largest id. */
export function idCount({ ids }: Vocabulary): number {
  let largest = -1;
  for (const id of ids.values()) largest = Math.max(largest, id);
  return largest + 1;
}
