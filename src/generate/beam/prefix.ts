/** The beginning of an answer, linked backwards: beams that branched share what they have in common. */
export interface Prefix {
  /** Absent for the empty one. */
  readonly before: Prefix | undefined;
  readonly id: number;
  readonly logProbability: number;
  /** The log-probability of all of it, in nats. */
  readonly sum: number;
  /** Its count of tokens. */
  readonly length: number;
}

export const emptyPrefix: Prefix = { before: undefined, id: -1, logProbability: 0, sum: 0, length: 0 };

export function extend(prefix: Prefix, id: number, logProbability: number): Prefix {
  return { before: prefix, id, logProbability, sum: prefix.sum + logProbability, length: prefix.length + 1 };
}

/** Its tokens and the log-probability of each. */
export function unroll(prefix: Prefix): { readonly ids: number[]; readonly logProbabilities: number[] } {
  const tokens: Prefix[] = [];
  for (let last = prefix; last.before; last = last.before) tokens.push(last);
  tokens.reverse();
  return { ids: tokens.map(({ id }) => id), logProbabilities: tokens.map(({ logProbability }) => logProbability) };
}
