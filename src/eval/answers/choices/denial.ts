/** Whether a text says that a label is not the answer. */

import type { Span } from '../reading.ts';

const REACH = 48;
const CLAUSE_END = /[.,;:!?\n。，；：、]|\b(?:but|so|hence|therefore|thus|rather(?! than)|而是|而)(?![\p{L}])|而是|而/u;
/** "no" denies only where it is not a label itself. */
const DENIALS = ['not', 'never', 'neither', 'nor', 'without', 'cannot', 'rather than', 'instead of', 'no'];
const EAST_ASIAN_BEFORE = /(?:不|非|没有|未|无)(?:是|属于|算|太|很|会)?$|(?:不是|并非|并不|不属于|不算)[^，。,]{0,6}$/;
const EAST_ASIAN_BEHIND = /^(?:では|じゃ|とは|に)?(?:は)?(?:ない|なく|ありません|言えない|いえない)/;

/** `names`: what labels are called, in lower case. */
export function isDenied(text: string, { start, end }: Span, names: ReadonlyMap<string, unknown>): boolean {
  const clause =
    text
      .slice(Math.max(0, start - REACH), start)
      .split(CLAUSE_END)
      .at(-1) ?? '';
  const denials = DENIALS.filter((word) => !names.has(word)).join('|');
  // At most four words between: what is further away denies something else.
  const isBefore = new RegExp(
    `(?:(?<!\\p{L})(?:${denials})|n['’]t)(?:\\s{1,3}[^\\s]{1,20}){0,4}\\s{0,3}$|(?<!\\p{L})non-?$`,
    'iu',
  );
  return isBefore.test(clause) || EAST_ASIAN_BEFORE.test(clause) || EAST_ASIAN_BEHIND.test(text.slice(end, end + 12));
}
