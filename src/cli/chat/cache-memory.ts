/** Whether the keys and values of sequences find room in memory. */
import { cacheBytes, type PlainCacheOptions } from '../../generate/cache/plain-cache.ts';
import type { CachedLayers } from '../../generate/cache/slot-memory.ts';
import { formatBytes, formatPlural } from '../../observe/numbers.ts';
import { wrongValue } from '../option-values.ts';

/**
 * What the cache asks itself, in the words of the command line. A cache is reserved whole and filled bit by bit: one that is too large would end the process in the middle, without a word.
 * @param options those to name in the error
 * @param available bytes
 * @throws UsageError
 */
export function requireCacheMemory(
  options: string,
  layers: CachedLayers,
  { slots, capacity }: PlainCacheOptions,
  available = process.availableMemory(),
): void {
  const needed = cacheBytes(layers, { slots, capacity });
  if (needed <= available) return;
  const found = `${formatPlural(slots, 'sequence')} of up to ${capacity} tokens, which take ${formatBytes(needed)}`;
  throw wrongValue(options, found, `at most the ${formatBytes(available)} that are free`);
}
