/** Which documents are shown as examples before each question. */
import { UsageError } from '../../../errors.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Document } from '../task.ts';
import { PythonRandom } from './python-random.ts';

export interface SamplerOptions {
  readonly kind: 'default' | 'first_n';
  readonly seed: number;
  /** Examples of each question. */
  readonly shots: number;
  /** Whether questions come from the same split: then none is its own example. */
  readonly sharesSplit: boolean;
  /**
   * Whether upstream draws one more than it shows. It does so where the names of the examples' split and of the test split
   * agree, and so also where the task names neither; then every draw after the first depends on it.
   */
  readonly drawsOneMore: boolean;
  /** What examples and questions have to agree in, of each document of the pool; undefined for nothing. */
  readonly matches: readonly string[] | undefined;
  /** For messages. */
  readonly field: string;
}

/** Gives the places of a question's examples in the pool. `match` is what they have to agree in. */
export type ExampleSampler = (question: Document, match: string | undefined) => readonly number[];

/**
 * A sampler to be called for the documents of the scored split in order: the generator goes on from one to the next, so
 * that which examples a document gets depends on how many came before it, as upstream. It throws a `UsageError` where there
 * are too few.
 */
export function exampleSampler(
  pool: readonly Document[],
  { kind, seed, shots, sharesSplit, drawsOneMore, matches, field }: SamplerOptions,
): ExampleSampler {
  if (shots === 0) return () => [];
  const places = placesByMatch(pool, matches);
  // Equal documents are one: a copy of the question among its examples would give the answer away.
  const keys = sharesSplit ? pool.map(canonicalJson) : [];
  const random = new PythonRandom(seed);
  return (question, match) => {
    const candidates = places.get(match ?? '') ?? [];
    const key = sharesSplit ? canonicalJson(question) : '';
    const others = (drawn: readonly number[]) => (sharesSplit ? drawn.filter((place) => keys[place] !== key) : drawn);
    // One more than needed, where one may be the question itself.
    const wanted = shots + (sharesSplit || (drawsOneMore && shots < candidates.length) ? 1 : 0);
    const drawn =
      kind === 'first_n'
        ? others(candidates)
        : wanted > candidates.length
          ? []
          : others(random.sample(candidates, wanted));
    if (drawn.length >= shots) return drawn.slice(0, shots);
    // Several copies of the question were drawn: others take their places.
    const rest = drawn.length === 0 ? [] : others(candidates).filter((place) => !drawn.includes(place));
    const missing = shots - drawn.length;
    if (rest.length >= missing) return [...drawn, ...random.sample(rest, missing)];
    const agreeing = match === undefined ? '' : ` that agree with the question in ${JSON.stringify(match)}`;
    throw new UsageError({
      field,
      found: `${shots} examples, and ${others(candidates).length} documents${agreeing} beside the question`,
      expected: 'at least as many documents as examples',
      fix: 'Ask for fewer examples or name another fewshot_split.',
    });
  };
}

function placesByMatch(
  pool: readonly Document[],
  matches: readonly string[] | undefined,
): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  pool.forEach((_, place) => {
    const match = matches?.[place] ?? '';
    const group = places.get(match);
    if (group === undefined) places.set(match, [place]);
    else group.push(place);
  });
  return places;
}
