/** How often two programs agree on what they were asked. */
import type { Answer } from './request.ts';

/** In whole answers, and in tokens up to the first that differs; over the texts that both read as the same tokens. */
export interface Agreement {
  readonly same: number;
  readonly answers: number;
  readonly tokens: number;
  readonly ofTokens: number;
  /** Texts that the other tokenizer reads as other ids: what follows them is not compared. */
  readonly otherIds: number;
}

/** Tokens up to the first that differs. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((id, i) => id !== b[i]);
  return first < 0 ? a.length : first;
}

/** @param theirs of the same texts in their order */
export function agreementOf(ours: readonly Answer[], theirs: readonly Answer[]): Agreement {
  const pairs = ours.map((own, i) => ({ own, other: theirs[i] }));
  const comparable = pairs.filter(({ own, other }) => own.ids.join() === other.ids.join());
  const lengths = comparable.map(({ own, other }) => commonLength(own.greedy, other.greedy));
  return {
    same: lengths.filter((length, i) => length === comparable[i].own.greedy.length).length,
    answers: comparable.length,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    ofTokens: comparable.reduce((sum, { own }) => sum + own.greedy.length, 0),
    otherIds: pairs.length - comparable.length,
  };
}

/** Whether every answer is the same, token by token. */
export const isWhole = ({ same, answers, otherIds }: Agreement): boolean => same === answers && otherIds === 0;

export function showAgreement({ same, answers, tokens, ofTokens, otherIds }: Agreement): string {
  const texts = otherIds === 0 ? '' : `; other ids of ${otherIds} of ${answers + otherIds} texts`;
  if (answers === 0) return `nothing to compare${texts}`;
  return `${same} of ${answers}${same === answers ? '' : ` (${tokens} of ${ofTokens} tokens)`}${texts}`;
}
