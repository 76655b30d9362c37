/**
 * How many tokens of a prompt are read in one step. The runtime's attention takes queries in blocks of a size that it
 * chooses (a multiple of 32 for the head sizes that can be frozen), and computes a block of one query in another order
 * than larger ones. So no piece leaves one query over: the bits of a prompt's keys and values then do not depend on how it
 * was cut.
 */
const queryBlock = 32;

/**
 * At most `limit`, a multiple of 32, and at most `room`, what a step may append (`CachedSequence.stepTokens`), whose end is
 * the same however it is reached; 1 only if no more are left until there.
 */
export function pieceLength(tokens: number, limit: number, room = Number.POSITIVE_INFINITY): number {
  const left = Math.min(tokens, room);
  if (left === 1) return 1;
  if (left > limit) return left - limit === 1 ? limit - 1 : limit;
  return left % queryBlock === 1 ? left - 2 : left;
}
