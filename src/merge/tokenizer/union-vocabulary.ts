/**
 * The vocabulary of several models: that of the first with its ids, then what the others have beside it, in their order. The
 * merges of byte-pair models go with their tokens, behind those of the first, so that its own text is split as before
 * wherever no new token begins.
 */
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
import { idCount, type Vocabulary } from './vocabulary.ts';

export function uniteVocabularies([first, ...others]: readonly Vocabulary[]): Vocabulary {
  const ids = new Map(first.ids);
  const added = new Map(first.added);
  let next = idCount(first);
  const plain: string[] = [];
  for (const other of others) {
    for (const [token] of [...other.ids].sort(([, a], [, b]) => a - b)) {
      if (ids.has(token)) continue;
      const entry = other.added.get(token);
      if (entry) added.set(token, { ...entry, id: next });
      else plain.push(token);
      ids.set(token, next);
      next += 1;
    }
  }
  const model = first.definition.model as JsonObject;
  const definition = {
    ...first.definition,
    added_tokens: [...added.values()].sort((a, b) => Number(a.id) - Number(b.id)),
    model: { ...model, vocab: extended(model.vocab, plain, ids, others), ...unitedMerges(first, others, ids) },
  };
  return { folder: first.folder, definition, ids, added };
}

function extended(
  vocabulary: unknown,
  tokens: readonly string[],
  ids: ReadonlyMap<string, number>,
  others: readonly Vocabulary[],
): unknown {
  if (isJsonObject(vocabulary))
    return { ...vocabulary, ...Object.fromEntries(tokens.map((token) => [token, ids.get(token)!])) };
  const scores = new Map(others.flatMap(({ definition }) => scoresOf(definition)));
  const lowest = [...scores.values()].reduce((low, score) => Math.min(low, score), 0);
  return [...(vocabulary as readonly unknown[]), ...tokens.map((token) => [token, scores.get(token) ?? lowest])];
}

function scoresOf({ model }: JsonObject): readonly (readonly [string, number])[] {
  const { vocab } = model as JsonObject;
  if (!Array.isArray(vocab)) return [];
  return vocab.flatMap((entry: unknown) =>
    Array.isArray(entry) ? [[String(entry[0]), Number(entry[1])] as const] : [],
  );
}

function unitedMerges(first: Vocabulary, others: readonly Vocabulary[], ids: ReadonlyMap<string, number>): JsonObject {
  const own = mergesOf(first);
  if (own === undefined) return {};
  const known = new Set(own.map(keyOf));
  const more = others
    .flatMap((other) => mergesOf(other) ?? [])
    .filter((merge) => {
      const [left, right] = partsOf(merge);
      const isNew = !known.has(keyOf(merge)) && !first.ids.has(left + right);
      if (!isNew || !ids.has(left) || !ids.has(right) || !ids.has(left + right)) return false;
      known.add(keyOf(merge));
      return true;
    });
  // In the notation of the first, which is one of two.
  const isText = typeof own[0] === 'string';
  return { merges: [...own, ...more.map((merge) => (isText ? keyOf(merge) : partsOf(merge)))] };
}

type Merge = string | readonly [string, string];

function mergesOf({ definition }: Vocabulary): readonly Merge[] | undefined {
  const { merges } = definition.model as JsonObject;
  return Array.isArray(merges) ? (merges as readonly Merge[]) : undefined;
}

function partsOf(merge: Merge): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const space = merge.indexOf(' ', 1);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function keyOf(merge: Merge): string {
  return partsOf(merge).join(' ');
}
