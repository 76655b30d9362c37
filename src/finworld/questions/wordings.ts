/** Words that questions are asked in. Some are kept for held-out questions, so that these also test unseen wording. */
import type { SlotNames, SlotValue } from '../grammar/template.ts';
import type { Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';

export interface Wordings<T extends string> {
  /** Of both splits. */
  readonly common: readonly T[];
  /** Of held-out questions only. */
  readonly heldout: readonly T[];
}

/** The share of held-out questions that are asked in words which no training question has. */
export const UNSEEN_SHARE = 0.25;

interface Worded {
  readonly text: string;
  /** "common/2" or "heldout/0". */
  readonly wording: string;
}

/** Asks in one of the wordings that the split may use. */
export function worded<const T extends string>(
  writer: Writer,
  split: Split,
  wordings: Wordings<T>,
  slots: { readonly [Name in SlotNames<T>]: SlotValue },
): Worded {
  const group = split === 'heldout' && writer.chance(UNSEEN_SHARE) ? 'heldout' : 'common';
  const place = writer.draw(wordings[group].length);
  return { text: writer.phrase<string>([wordings[group][place]], slots), wording: `${group}/${place}` };
}
