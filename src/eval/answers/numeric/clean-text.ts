/**
 * The text of an answer as a reader sees it: no formatting, no invisible characters, every digit, space and minus written
 * one way. Places that mark an answer are kept as spans.
 */

import type { Span } from '../reading.ts';
import { readablePart } from './long-answer.ts';
import type { MappedText } from './mapped-text.ts';
import { withDigits } from './number-words.ts';
import { MARK_CLOSE, MARK_OPEN, withoutTex } from './tex.ts';

export interface CleanText {
  readonly mapped: MappedText;
  readonly text: string;
  /** What stands in `\boxed{}`, `[[ ]]`, `<answer>` or behind `####`, in order; without `end` where it is not closed. */
  readonly marks: readonly { readonly start: number; readonly end?: number }[];
  /** What is set in bold. */
  readonly bold: readonly Span[];
  /** Whether digits were written as words. */
  readonly isSpelled: (digits: Span) => boolean;
}

const BOLD = '\ue002';
const CURRENCY = '[$€£¥₹₩]';

/** `visible`: without thoughts, with plain ASCII digits and spaces (`visibleText`). The middle of a long one is left out. */
export function cleanText(
  visible: string,
  { spellsDigits = false }: { readonly spellsDigits?: boolean } = {},
): CleanText {
  const formatted = readablePart(visible)
    // Private characters are ours from here on; colours and titles of terminals, calculator annotations and format characters say nothing.
    .replace(
      /[\ue000-\uf8ff]|\p{Cc}\[[\d;]{0,20}m|\p{Cc}\]\d{1,4};[^\p{Cc}]{0,200}\p{Cc}|<<[^<>\n]{0,200}>>|\p{Cf}/gu,
      () => '',
    )
    .replace(/\r\n?/g, () => '\n')
    .replace(/(?![\t\n])\p{Cc}/gu, () => '\t')
    .replace(/[\u2212\ufe63\u2010\u2011]/g, () => '-')
    .replace(/^[ \t]{0,8}(?:>[ \t]?){1,8}/gm, () => '')
    .replace(/^[ \t]{0,8}(?:`{3,}|~{3,})[^\n]{0,80}$/gm, () => '');
  const marked = withoutTex(formatted)
    .rewrap(
      new RegExp(
        `^([ \\t]{0,4}####[ \\t]{0,4}(?!\\d{1,2}[.)][ \\t])(?=[-–+(]{0,2}[ \\t]?${CURRENCY}?[ \\t]?[-–(]?[.\\d]))([^\\n]{1,200})()`,
        'gm',
      ),
      MARK_OPEN,
      MARK_CLOSE,
    )
    .rewrap(/(\[\[)([^[\]\n]{0,200})(\]\])/g, MARK_OPEN, MARK_CLOSE)
    .replace(/\[\[(?=[^[\]\n]{0,200}$)/gm, () => MARK_OPEN)
    .replace(/<(\/?)answer>/gi, ({ 1: slash }) => (slash === '' ? MARK_OPEN : MARK_CLOSE))
    .replace(/<br ?\/?>/gi, () => '\n')
    .replace(/<\/?[a-z][a-z\d]{0,15} ?\/?>/gi, () => '')
    .replace(/(?<!\d)\*\*|\*\*(?!\d)|(?<!\w)__(?=\w)|(?<=\w)__(?!\w)/g, () => BOLD)
    .rewrap(/(?<![\w)*])(\*)([-+$€£]?\d[^*\n]{0,30})(\*)(?![\w*])/g, '', '')
    .rewrap(/(?<!\w)(_)(?=\S)([^_\n]{1,60})(_)(?!\w)/g, '', '')
    .replace(
      /^[ \t]{0,8}#{1,6}[ \t]|^[ \t]{0,12}[*•·‣][ \t]|`|(?<![\d\s*])\*(?![\d*])|(?<![\d*])\*(?![\d\s*])/gm,
      () => '',
    );
  return withoutMarks(spellsDigits ? withDigits(marked) : marked, visible);
}

function withoutMarks(mapped: MappedText, visible: string): CleanText {
  const marks: { start: number; end?: number }[] = [];
  const open: { start: number; end?: number }[] = [];
  const bold: Span[] = [];
  let boldStart: number | undefined;
  let removed = 0;
  for (const { index, 0: mark } of mapped.text.matchAll(/[\ue000-\ue002]/g)) {
    const at = index - removed++;
    if (mark === MARK_OPEN) {
      open.push({ start: at });
      marks.push(open[open.length - 1]);
    } else if (mark === MARK_CLOSE) {
      const last = open.pop();
      if (last !== undefined) last.end = at;
    } else if (boldStart === undefined) boldStart = at;
    else {
      bold.push({ start: boldStart, end: at });
      boldStart = undefined;
    }
  }
  const clean = mapped.replace(/[\ue000-\ue002]/g, () => '');
  const isSpelled = ({ start, end }: Span): boolean => {
    const raw = clean.span(start, end);
    return !/\d/.test(visible.slice(raw.start, raw.end));
  };
  return { mapped: clean, text: clean.text, marks, bold, isSpelled };
}
