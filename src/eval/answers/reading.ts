/**
 * What was read out of an answer, and from where: a reading keeps the place in the raw text, so that a person can check
 * it, and what could not be read keeps the reason. Nothing here has a default: no class, no number, no row left out.
 */

/**
 * Raised whenever any reader reads some text differently than before. Kept beside stored answers: scores made by
 * different versions are not comparable, but the answers can be read again.
 */
export const EXTRACTOR_VERSION = 3;

/** A part of the raw text, in UTF-16 units; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type UnparsedReason =
  /** Nothing but whitespace, or nothing but thoughts. */
  | 'empty'
  /** Cut off: in the middle of a thought, or at the limit of tokens before an answer was certain. */
  | 'truncated'
  /** Text, but no answer where one is looked for. */
  | 'missing'
  /** Several answers that differ. */
  | 'ambiguous'
  /** Something in the place of the answer that is not well-formed. */
  | 'malformed';

interface Extent {
  /** What was left out in the middle of an answer that is too long to be read whole; absent where nothing was. */
  readonly unread?: Span;
}

export interface Unparsed extends Extent {
  readonly ok: false;
  readonly reason: UnparsedReason;
}

export type Reading<T> = ({ readonly ok: true; readonly value: T; readonly span: Span } & Extent) | Unparsed;

/**
 * `strict` reads answers in the form that was asked for, and makes the headline number. `lenient` also reads what a
 * patient person would; the gap between both is what a model loses to form.
 */
export type ReadingMode = 'strict' | 'lenient';

export interface ReadingOptions {
  /** Default `strict`. */
  readonly mode?: ReadingMode;
  /**
   * Whether the answer was cut off at the limit of tokens. Then strict readings are `truncated`, because what is missing
   * may be what matters, and so are lenient ones that touch the end of the text.
   */
  readonly isCutOff?: boolean;
}

export const unparsed = (reason: UnparsedReason): Unparsed => ({ ok: false, reason });

export const readAt = <T>(value: T, start: number, end: number): Reading<T> => ({
  ok: true,
  value,
  span: { start, end },
});

/**
 * The reading of a text that may have been cut off: nothing found may still have come, and what touches the end may have
 * gone on, such as a number.
 */
export function settled<T>(reading: Reading<T>, text: string, { isCutOff = false }: ReadingOptions): Reading<T> {
  if (!isCutOff) return reading;
  const isOver = reading.ok && /[\p{L}\p{N}]/u.test(text.slice(reading.span.end));
  return isOver ? reading : unparsed('truncated');
}
