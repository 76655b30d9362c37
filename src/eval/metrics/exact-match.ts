/** `exact_match`: whether an answer is one of the right ones, letter by letter, after what is to be ignored is taken out. */

/** Names and meaning as in lm-evaluation-harness, which has them from Hugging Face's evaluate. */
export interface ExactMatchOptions {
  readonly ignore_case?: boolean;
  /** The 32 punctuation characters of ASCII. */
  readonly ignore_punctuation?: boolean;
  /** The digits 0 to 9. */
  readonly ignore_numbers?: boolean;
  /** Matches are taken out first, one pattern after the other. Compiled, since patterns of task files are hostile input. */
  readonly regexes_to_ignore?: readonly Removal[];
}

interface Removal {
  /** The text without what matches. */
  remove(text: string): string;
}

/** 1 if the prediction equals any reference, else 0. */
export function exactMatch(prediction: string, references: readonly string[], options: ExactMatchOptions = {}): 0 | 1 {
  const read = reduced(prediction, options);
  return references.some((reference) => reduced(reference, options) === read) ? 1 : 0;
}

const asciiPunctuation = /[!-/:-@[-`{-~]/g;

function reduced(text: string, options: ExactMatchOptions): string {
  let left = text;
  for (const pattern of options.regexes_to_ignore ?? []) left = pattern.remove(left);
  if (options.ignore_case) left = left.toLowerCase();
  if (options.ignore_punctuation) left = left.replace(asciiPunctuation, '');
  if (options.ignore_numbers) left = left.replace(/[0-9]/g, '');
  return left;
}
