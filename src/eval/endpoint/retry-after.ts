/** How long to wait before asking again. */
import type { RandomStream } from '../../random/stream.ts';

/**
 * Seconds that a `Retry-After` header asks to wait: a number of seconds or a date (RFC 9110, 10.2.3); undefined for
 * anything else.
 * @param now milliseconds since 1970
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null || header.length > 64) return undefined;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  // Only the date form of HTTP: `Date.parse` alone would read "-1" and "5 minutes" as years.
  if (!/^[A-Z][a-z]{2,8}, .+ GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1_000);
}

export interface Backoff {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

/**
 * Doubles with every failure, and is drawn from the upper half: clients that failed together must not come back together,
 * and none comes back at once.
 * @param failures attempts that failed so far, at least 1
 */
export function backoffSeconds(
  failures: number,
  { firstSeconds, longestSeconds }: Backoff,
  random: RandomStream,
): number {
  const full = Math.min(longestSeconds, firstSeconds * 2 ** (failures - 1));
  return full * (0.5 + random.float() / 2);
}
