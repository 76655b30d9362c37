/**
 * Which keys a step reads in layers with a window. Reading none but those of the window would shift the keys by one with
 * each token, and attention sums in blocks from the first key on: a token would get other bits than in a step over
 * several. So positions are divided into cells, and everything in a cell reads from the same first key on, which is the
 * first that the cell's first query sees. The operator masks what a later query does not see. A step stays within a cell.
 */

/** Positions of a cell: as many as are read of a prompt at once, so that cells cut no prompt more often. */
const cellTokens = 512;

/** The first position of which keys are read by a step that begins at `position`. */
export const firstKeyRead = (position: number, window: number | undefined): number =>
  window === undefined ? 0 : Math.max(0, position - (position % cellTokens) - window + 1);

/** Where the cell of `position` ends: the first position of the next one. */
export const cellEnd = (position: number): number => position - (position % cellTokens) + cellTokens;

/** Keys that a step reads at most. */
export const mostKeysRead = (window: number): number => window - 1 + cellTokens;
