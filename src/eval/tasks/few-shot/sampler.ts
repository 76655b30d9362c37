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
  /** For messages. */
  readonly field: string;
}

/**
 * A function to be called for the documents of the scored split in order: the generator goes on from one to the next, so
 * that which examples a document gets depends on how many came before it, as upstream.
 *
 * @returns places in `pool`
 * @throws UsageError if the pool is too small.
 */
export function exampleSampler(
  pool: readonly Document[],
  { kind, seed, shots, sharesSplit, field }: SamplerOptions,
): (document: Document) => readonly number[] {
  const needed = shots + (sharesSplit ? 1 : 0);
  if (shots > 0 && needed > pool.length) {
    throw new UsageError({
      field,
      found: `${shots} examples from ${pool.length} documents`,
      expected: `at most ${pool.length - (sharesSplit ? 1 : 0)}`,
      fix: 'Ask for fewer examples or name another fewshot_split.',
    });
  }
  if (shots === 0) return () => [];
  const places = pool.map((_, i) => i);
  // Equal documents are one: a copy of the question among its examples would give the answer away.
  const keys = sharesSplit ? pool.map(canonicalJson) : [];
  const others = (drawn: readonly number[], document: Document): readonly number[] => {
    if (!sharesSplit) return drawn;
    const key = canonicalJson(document);
    return drawn.filter((place) => keys[place] !== key).slice(0, shots);
  };
  if (kind === 'first_n') {
    return (document) => enough(others(places, document).slice(0, shots), shots, field);
  }
  const random = new PythonRandom(seed);
  return (document) => enough(others(random.sample(places, needed), document), shots, field);
}

/** Only copies of a document can leave too few. */
function enough(drawn: readonly number[], shots: number, field: string): readonly number[] {
  if (drawn.length === shots) return drawn;
  throw new UsageError({
    field,
    found: `only ${drawn.length} of ${shots} examples that differ from the question`,
    expected: 'documents that differ',
    fix: 'Remove duplicates, or name another fewshot_split.',
  });
}
