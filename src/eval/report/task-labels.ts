/** What a task's items have in common that are answered with one of several options. */
import { majorityBaseline, randomBaseline } from '../statistics/baselines.ts';
import type { ItemVariant, TaskItem } from '../tasks/task.ts';
import type { ScoredItem } from './scored-item.ts';

/** The options of all items if these are the same; undefined otherwise. */
export function sharedOptions(items: readonly TaskItem[]): readonly string[] | undefined {
  const first = items[0]?.variants[0]?.options;
  if (first === undefined) return undefined;
  const isSame = (options: ItemVariant['options']) =>
    options?.length === first.length && options.every((option, i) => option === first[i]);
  return items.every(({ variants }) => isSame(variants[0]?.options)) ? first : undefined;
}

/** Expected accuracy of an option picked at random; undefined if some item has none. */
export function randomAccuracy(scored: readonly ScoredItem[]): number | undefined {
  const counts = scored.flatMap(({ item }) => {
    const { options, gold } = item.variants[0] ?? {};
    return options && gold && options.length > 0 ? [{ options: options.length, right: gold.length }] : [];
  });
  return counts.length === scored.length && counts.length > 0 ? randomBaseline(counts) : undefined;
}

/**
 * Always the option that is right most often, by its text where all items have the same options and by its place where
 * not; undefined if some item has none, or several right ones.
 */
export function majorityOption(
  scored: readonly ScoredItem[],
  shared: readonly string[] | undefined,
): { readonly label: string; readonly accuracy: number } | undefined {
  const golds = scored.flatMap(({ item }) => {
    const { gold } = item.variants[0] ?? {};
    if (gold?.length !== 1) return [];
    return [shared?.[gold[0]] ?? `option ${gold[0] + 1}`];
  });
  return golds.length === scored.length ? majorityBaseline(golds) : undefined;
}
