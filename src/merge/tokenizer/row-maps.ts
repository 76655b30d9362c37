/**
 * From a model's rows to the rows of the result. A token that the model has keeps its own row; for one that it lacks its row
 * is that of the only model that has it, else the base's, else the mean of all that have it, else zero. A source given for a
 * token goes before that, and with `force` also before the model's own.
 */
import { UsageError } from '../../errors.ts';
import type { MergeRecipe, TokenSourceInput } from '../recipe/merge-recipe.ts';
import type { GatheredTensor } from '../stream/job.ts';
import { meanRow } from '../stream/job.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface RowSource {
  /** The text of the model's reference. */
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** Rows of its token table. */
  readonly rows: number;
  readonly isBase: boolean;
}

export interface RowMapOptions {
  /** Ids of the result by token. */
  readonly ids: ReadonlyMap<string, number>;
  /** Rows of the result. */
  readonly rows: number;
  /** The model whose vocabulary comes first: rows without a token are its own. */
  readonly owner: number;
  readonly tokens: NonNullable<MergeRecipe['tokenizer']>['tokens'];
  /** For messages. */
  readonly at: (token: string) => string;
}

interface Entry {
  readonly source: number;
  readonly row: number;
}

/** One map for each source, in their order. */
export function makeRowMaps(sources: readonly RowSource[], options: RowMapOptions): readonly GatheredTensor['map'][] {
  const { ids, rows, owner, tokens, at } = options;
  const names: (string | undefined)[] = Array.from({ length: rows });
  for (const [token, id] of ids) names[id] = token;
  const givens = new Map(
    [...tokens].map(([token, { source, force }]) => [
      token,
      { force, entries: source && given(source, token, sources, at(token)) },
    ]),
  );
  for (const token of tokens.keys()) {
    if (!ids.has(token))
      throw refuse(at(token), 'no such token in the result', 'a token of the vocabulary', 'Correct the token.');
  }
  const base = sources.findIndex(({ isBase }) => isBase);
  const rowIn = (source: number, token: string): number | undefined => {
    const id = sources[source].vocabulary.ids.get(token);
    return id !== undefined && id < sources[source].rows ? id : undefined;
  };
  const holdersOf = (token: string): readonly Entry[] => {
    const holders = sources.flatMap((_, source) => {
      const row = rowIn(source, token);
      return row === undefined ? [] : [{ source, row }];
    });
    const ofBase = holders.find(({ source }) => source === base);
    return ofBase ? [ofBase] : holders;
  };
  return sources.map((_, model) => {
    const map = createMap(rows);
    for (let row = 0; row < rows; row++) {
      const token = names[row];
      if (token === undefined) {
        // Padding: the owner's as far as it goes, then rows like any other.
        map.add(row < sources[owner].rows ? [{ source: owner, row }] : [{ source: model, row: meanRow }]);
        continue;
      }
      const chosen = givens.get(token);
      const own = chosen?.force ? undefined : rowIn(model, token);
      map.add(own === undefined ? (chosen?.entries ?? holdersOf(token)) : [{ source: model, row: own }]);
    }
    return map.finish();
  });
}

function given(source: TokenSourceInput, own: string, sources: readonly RowSource[], at: string): readonly Entry[] {
  if (source.kind === 'zero') return [];
  const index = sources.findIndex(({ name }) => name === source.model.text);
  if (index < 0) {
    const expected = `one of ${sources.map(({ name }) => name).join(', ')}`;
    throw refuse(at, `the model ${source.model.text}`, expected, 'Name a model of the merge.');
  }
  const { vocabulary, rows } = sources[index];
  const isNamed = source.kind === 'token';
  const row = (isNamed ? source.id : undefined) ?? vocabulary.ids.get((isNamed ? source.token : undefined) ?? own);
  if (row !== undefined && row < rows) return [{ source: index, row }];
  throw refuse(at, `no such token in ${source.model.text}`, 'a token that the model has', 'Give token or token_id.');
}

function createMap(rows: number) {
  const starts = new Int32Array(rows + 1);
  const source: number[] = [];
  const row: number[] = [];
  let count = 0;
  return {
    add(entries: readonly Entry[]): void {
      for (const entry of entries) {
        source.push(entry.source);
        row.push(entry.row);
      }
      count += 1;
      starts[count] = source.length;
    },
    finish: (): GatheredTensor['map'] => ({ starts, source: Uint16Array.from(source), row: Int32Array.from(row) }),
  };
}

function refuse(field: string, found: string, expected: string, fix: string): UsageError {
  return new UsageError({ field, found, expected, fix });
}
