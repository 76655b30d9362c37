/**
 * Clusters drawn with replacement, as many as there are. Ten thousand draws of ten thousand clusters are 10^8 indices, so
 * they are taken from whole blocks of the generator, several from each word.
 */
import { UsageError } from '../../errors.ts';
import { philox4x32 } from '../../random/philox.ts';
import { stream } from '../../random/stream.ts';
import type { Clusters } from './clusters.ts';

export interface ResampleOptions {
  readonly seed: number;
  /** Separates the random streams of different statistics. */
  readonly label: string;
  /** How many resamples. Default 10,000. */
  readonly draws?: number;
}

const TWO_32 = 2 ** 32;
const mostDraws = 1_000_000;

/**
 * Calls `visit` once for each draw with how often each item was drawn, [items]; the array is used again by the next draw.
 * The same seed, label and number of clusters give the same draws. Throws a `UsageError` for a count of draws that is not
 * an integer in [1, 10^6].
 */
export function resample(clusters: Clusters, options: ResampleOptions, visit: (weights: Uint32Array) => void): void {
  const draws = drawsOf(options);
  const { count, of } = clusters;
  const drawn = new Uint32Array(count);
  // Without clusters of several items, item i is cluster i: their counts are the items'.
  const weights = count === of.length ? drawn : new Uint32Array(of.length);
  const [key0, key1] = stream(options.seed, 'resample', options.label).state.key;
  const words = new Uint32Array(4);
  let [block, next] = [0, words.length];
  const { perWord, limit } = digitsOfWord(count);
  for (let draw = 0; draw < draws; draw++) {
    drawn.fill(0);
    for (let left = count; left > 0; ) {
      if (next === words.length) {
        philox4x32(block | 0, (block / TWO_32) | 0, 0, 0, key0, key1, words);
        block++;
        next = 0;
      }
      let word = words[next++];
      if (word >= limit) continue;
      for (let digits = Math.min(perWord, left); digits > 0; digits--, left--) {
        const rest = Math.floor(word / count);
        drawn[word - rest * count]++;
        word = rest;
      }
    }
    if (weights !== drawn) for (let i = 0; i < of.length; i++) weights[i] = drawn[of[i]];
    visit(weights);
  }
}

/** How many resamples are asked for. */
export function drawsOf({ draws = 10_000 }: Pick<ResampleOptions, 'draws'>): number {
  if (Number.isInteger(draws) && draws >= 1 && draws <= mostDraws) return draws;
  throw new UsageError({
    field: 'draws',
    found: String(draws),
    expected: `an integer from 1 to ${mostDraws}`,
    fix: '10000 is usual.',
  });
}

/**
 * A word below `limit` is uniform over [0, base^perWord) when divided with rest, and its digits in that base are that many
 * independent uniform indices. Words at or above the limit are thrown away, at most half of them.
 */
function digitsOfWord(base: number): { perWord: number; limit: number } {
  let perWord = 1;
  while (base > 1 && base ** (perWord + 1) <= TWO_32) perWord++;
  return { perWord, limit: TWO_32 - (TWO_32 % base ** perWord) };
}
