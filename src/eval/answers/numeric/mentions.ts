import { conventionOf } from './convention.ts';
import { dateSpans } from './dates.ts';
import { type Mention, MentionReader } from './mention-reader.ts';

const DIGITS =
  /(?<![\d.,])\d{1,3}(?:[ ]\d{3})+(?!\d)(?:[.,]\d+)?|(?<!\d[.,]{1,2})\d+(?:[.,'’_]\d+)*|(?<![\d.%\p{L}])\.\d+|[½¼¾⅓⅔⅛⅜⅝⅞]/gu;
const EAST_ASIAN = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

/** Every number in a clean text that is written in digits, in order. */
export function findMentions(text: string): Mention[] {
  const runs = Array.from(text.matchAll(DIGITS), ({ index, 0: written }) => ({
    start: index,
    end: index + written.length,
    written,
  }));
  const convention = conventionOf(
    text,
    runs.map(({ written }) => written),
  );
  const context = { text, convention, isEastAsian: EAST_ASIAN.test(text), isAlone: runs.length === 1 };
  const dates = dateSpans(text);
  const mentions: Mention[] = [];
  let [date, previousEnd] = [0, 0];
  for (const run of runs) {
    // Read already, as an exponent, a denominator or a component of an amount.
    if (run.start < previousEnd) continue;
    while (date < dates.length && dates[date].end <= run.start) date++;
    const { start, end } = dates[date] ?? { start: Number.POSITIVE_INFINITY, end: 0 };
    const mention = new MentionReader(context, run, previousEnd).read();
    mentions.push(start <= run.start ? { ...mention, kind: 'date', start, end } : mention);
    previousEnd = mentions[mentions.length - 1].end;
  }
  return mentions;
}
