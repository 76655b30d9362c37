/** What an edge of a network does, as one integer: reads one byte of a range, reads nothing, or calls a rule. */

/** The edge reads nothing. */
export const EMPTY = -1;
const CALL = 1 << 16;

export const byteLabel = (low: number, high: number): number => low | (high << 8);
export const isBytes = (label: number): boolean => label >= 0 && label < CALL;
export const lowOf = (label: number): number => label & 0xff;
export const highOf = (label: number): number => label >> 8;

export const callLabel = (rule: number): number => CALL + rule;
/** The rule that an edge calls; negative for other edges. */
export const calledRule = (label: number): number => label - CALL;
