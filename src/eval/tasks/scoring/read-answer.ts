/** What a way of reading makes of a written answer. */
import { labelOf } from '../../answers/choices/label-of.ts';
import { letterOf } from '../../answers/choices/letter-of.ts';
import type { Verdict } from '../../answers/numeric/compare.ts';
import type { Reading as AnswerReading, ReadingMode } from '../../answers/reading.ts';
import type { Answer } from '../../model/language-model.ts';
import { lettersOf } from '../rotations.ts';
import type { ItemVariant } from '../task.ts';

/** One answer, read. */
export interface ReadAnswer {
  /** Whether what was looked for is there. */
  readonly isRead: boolean;
  /**
   * What was read: the name of an option, a number as it stands there, a text; undefined where there is nothing, but for
   * filters, which put something in its place.
   */
  readonly text: string | undefined;
  /** Place of the option that it names, as shown. */
  readonly choice: number | undefined;
  /** Of a number beside the right one. */
  readonly verdict?: Verdict;
  /** Cut off before there was an answer to read. */
  readonly truncated: boolean;
}

/** An option read by our own extractors: by its letter where options have letters, else by its name. */
export function readChoice({ text, finishReason }: Answer, variant: ItemVariant, mode: ReadingMode): ReadAnswer {
  const { options = [], texts } = variant;
  const isCutOff = finishReason === 'length';
  const settings = { mode, isCutOff };
  const names = texts !== undefined ? lettersOf(texts.length) : options;
  const isLettered = texts !== undefined || options.every((option) => /^[A-Z]$/.test(option));
  const reading: AnswerReading<string> = isLettered
    ? letterOf(text, names, { ...settings, texts })
    : labelOf(text, names, settings);
  if (!reading.ok)
    return { isRead: false, text: undefined, choice: undefined, truncated: reading.reason === 'truncated' };
  const choice = names.indexOf(reading.value);
  return { isRead: true, text: options[choice], choice, truncated: false };
}

/** A text that a pipeline left over, or the whole answer. Options are recognized letter by letter. */
export function readText(
  extract: { readonly text: string; readonly found: boolean },
  { finishReason }: Answer,
  { options = [] }: ItemVariant,
): ReadAnswer {
  const choice = options.indexOf(extract.text);
  return {
    isRead: extract.found,
    text: extract.text,
    choice: choice < 0 ? undefined : choice,
    // As upstream, what there is of an answer is scored; that it was cut off is told beside the score.
    truncated: finishReason === 'length',
  };
}
