/**
 * Approximate randomization (Noreen 1989): if two models did not differ, the two scores of an item might as well have come
 * from the other one. Works for any statistic, such as a macro F1, where signs of differences say nothing.
 */
import { stream } from '../../random/stream.ts';
import type { BootstrapOptions, WeightedStatistic } from '../statistics/bootstrap.ts';
import { clustersOf } from '../statistics/clusters.ts';
import { drawsOf } from '../statistics/resample.ts';

/**
 * Two-sided p-value of no difference between the statistic of the first `items` and of the last `items` of 2 x `items`;
 * item i is paired with item `items` + i, and clusters change sides as a whole. NaN where the statistic is undefined.
 */
export function swapTest(items: number, statistic: WeightedStatistic, options: BootstrapOptions): number {
  const draws = drawsOf(options);
  const clusters = clustersOf(items, options.clusters);
  const random = stream(options.seed, 'swap', options.label);
  const swapped = new Uint8Array(clusters.count);
  const [first, second] = [new Uint32Array(2 * items), new Uint32Array(2 * items)];
  const difference = () => {
    for (let i = 0; i < items; i++) {
      const other = swapped[clusters.of[i]];
      first[i] = second[items + i] = 1 - other;
      first[items + i] = second[i] = other;
    }
    return statistic(second) - statistic(first);
  };
  const observed = difference();
  if (Number.isNaN(observed)) return Number.NaN;
  // What differs from the observed by rounding only is as extreme.
  const extreme = Math.abs(observed) - 1e-12;
  let asExtreme = 0;
  for (let draw = 0; draw < draws; draw++) {
    for (let word = 0, i = 0; i < swapped.length; i++, word >>>= 1) {
      if (i % 32 === 0) word = random.uint32();
      swapped[i] = word & 1;
    }
    // Not below the bound: an undefined draw counts against a difference.
    if (!(Math.abs(difference()) < extreme)) asExtreme++;
  }
  // Of random patterns, the one observed is one more (Phipson and Smyth 2010).
  return (asExtreme + 1) / (draws + 1);
}
