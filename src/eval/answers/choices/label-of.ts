/** The class that an answer names. A label counts only as a word of its own, never as a part of another one. */

import { UsageError } from '../../../errors.ts';
import { announced, announcementPattern, bare, boxed, doubleBracketed, tagged } from '../passages.ts';
import { type Reading, type ReadingOptions, readAt, type Span, settled, unparsed } from '../reading.ts';
import { visibleText } from '../visible-text.ts';
import { isDenied } from './denial.ts';

export interface LabelOptions extends ReadingOptions {
  /** Other names of labels, such as `{ positive: ['bullish'] }`. */
  readonly synonyms?: Readonly<Record<string, readonly string[]>>;
}

interface Mention extends Span {
  readonly label: string;
}

const ANNOUNCEMENT = announcementPattern({
  west: [
    '(?:answer|sentiment|label|category|class|classification|stance|polarity|prediction|selection|choice|verdict|tone|rating|output)',
  ],
  east: [
    '(?:答案|回答|答え|答|正解|情感倾向|情感|情绪|标签|类别|分类|判断|极性|立场|结论|感情|極性|センチメント|ラベル|分類|判定|結論|属)',
  ],
});

const MAX_LABELS = 1_000;
const MAX_NAME = 200;

/**
 * The label, as written in `labels`, whatever the case in the answer. Strict: the whole answer is the label, but for
 * marks and punctuation around it ("**Positive.**"), or it stands at the end of a statement ("Sentiment: positive"), in a
 * box, `[[ ]]` or `<answer>`. Lenient adds the only label that is mentioned and not denied: "not positive, neutral" is
 * neutral. Labels that differ in places of one kind are `ambiguous` in both modes. Throws a `UsageError` for labels that
 * cannot be told apart, never because of the text.
 */
export function labelOf(answer: string, labels: readonly string[], options: LabelOptions = {}): Reading<string> {
  const names = labelNames(labels, options.synonyms);
  const visible = visibleText(answer, options);
  if (!visible.ok) return visible;
  const { text } = visible;
  const mentions = mentionsOf(text, names);
  const strict = strictReading(text, mentions);
  const isOpen = !strict.ok && strict.reason === 'missing' && options.mode === 'lenient';
  const reading = isOpen ? agreed(mentions.filter((mention) => !isDenied(text, mention, names))) : strict;
  return settled(reading, text, options);
}

function strictReading(text: string, mentions: readonly Mention[]): Reading<string> {
  const byStart = new Map(mentions.map((mention) => [mention.start, mention]));
  const isOnly = (span: Span): Mention[] => {
    const { start, end } = bare(text, span);
    const mention = byStart.get(start);
    return mention !== undefined && isPredicateEnd(text, mention.end, end) ? [mention] : [];
  };
  const finders: (() => Mention[])[] = [
    ...[tagged, boxed, doubleBracketed].map((find) => () => find(text).flatMap(isOnly)),
    () => announced(text, ANNOUNCEMENT).flatMap((span) => isStated(text, byStart, span)),
    () => isOnly({ start: 0, end: text.length }),
  ];
  for (const find of finders) {
    const found = find();
    if (found.length > 0) return agreed(found);
  }
  return unparsed('missing');
}

/** Endings of a Japanese or Chinese sentence that add nothing. */
const PREDICATE = /^(?:です|である|だ|的)?[。.!]?$/;
const isPredicateEnd = (text: string, from: number, end: number): boolean =>
  end <= from || (end - from <= 4 && PREDICATE.test(text.slice(from, end)));

/** The label right after an announcement, where its clause ends with it. */
function isStated(text: string, byStart: ReadonlyMap<number, Mention>, span: Span): Mention[] {
  const { start } = bare(text, span);
  const mention = byStart.get(start);
  if (mention === undefined) return [];
  const rest = text.slice(mention.end, mention.end + 24);
  return CLAUSE_END.test(rest) ? [mention, ...alternative(rest, mention, byStart)] : [];
}

const CLAUSE_END =
  /^["'”’`*_)\]}」』】]{0,4}(?:です|である|だ|的)?(?:\s{0,3}(?:[.,;:!?。，、；()\n|<}-]|$)|\s{1,2}(?:because|since|as|for|due|given|or|and|sentiment|with)\b|\/|或|和|か)/;
const ALTERNATIVE = /^["'”’`*_)\]]{0,4}\s{0,3}(?:,|\/|or\b|and\b|、|或|和|か){1,2}\s{0,3}["'“‘`*_([]{0,4}/;

/** "positive or negative" names two. */
function alternative(rest: string, { end }: Mention, byStart: ReadonlyMap<number, Mention>): Mention[] {
  const join = ALTERNATIVE.exec(rest);
  const second = join === null ? undefined : byStart.get(end + join[0].length);
  return second === undefined ? [] : [second];
}

function agreed(mentions: readonly Mention[]): Reading<string> {
  const last = mentions.at(-1);
  if (last === undefined) return unparsed('missing');
  return mentions.every(({ label }) => label === last.label)
    ? readAt(last.label, last.start, last.end)
    : unparsed('ambiguous');
}

/** Every place that names a label, the longest name at each: "mildly negative" is not "negative". */
function mentionsOf(text: string, names: LabelNames): Mention[] {
  const alternatives = [...names.values()]
    .sort((a, b) => b.name.length - a.name.length)
    .map(({ name }) => pattern(name));
  return Array.from(text.matchAll(new RegExp(alternatives.join('|'), 'giu'))).flatMap(({ index, 0: found }) => {
    // For a few letters of Unicode, patterns and strings disagree about what differs in case only: no mention then.
    const label = names.get(folded(found))?.label;
    return label === undefined ? [] : [{ label, start: index, end: index + found.length }];
  });
}

/** The name as a word of its own; names of one Chinese sentence need no borders. */
function pattern(name: string): string {
  const words = name.split(SEPARATOR).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return `${border(name[0], 'before')}${words.join('[\\s_-]{1,2}')}${border(name[name.length - 1], 'behind')}`;
}

function border(character: string, side: 'before' | 'behind'): string {
  if (/[\p{sc=Han}\p{sc=Hiragana}]/u.test(character)) return '';
  if (/\p{sc=Katakana}/u.test(character))
    return side === 'before' ? '(?<![\\p{sc=Katakana}ー])' : '(?![\\p{sc=Katakana}ー])';
  const isDigit = /\p{N}/u.test(character);
  if (side === 'before') return `(?<!${WORD}|${WORD}[-'’]${isDigit ? '|[-\u2212.,]' : ''})`;
  return `(?!${WORD}|[-'’]${WORD}${isDigit ? '|[.,]\\d|\\s?%' : ''})`;
}
const WORD = '[\\p{sc=Latin}\\p{N}_]';

/** Names and synonyms, folded, with how they are written and what they name. */
type LabelNames = ReadonlyMap<string, { readonly name: string; readonly label: string }>;

function labelNames(labels: readonly string[], synonyms: LabelOptions['synonyms'] = {}): LabelNames {
  const names = new Map<string, { readonly name: string; readonly label: string }>();
  const stranger = Object.keys(synonyms).find((label) => !labels.includes(label));
  if (stranger !== undefined) throw wrongLabels(`synonyms of ${JSON.stringify(stranger)}, which is no label`);
  for (const label of labels) {
    for (const written of [label, ...(Object.hasOwn(synonyms, label) ? synonyms[label] : [])]) {
      const name = written.trim().normalize('NFKC');
      if (!/[\p{L}\p{N}]/u.test(name) || name.length > MAX_NAME)
        throw wrongLabels(`the name ${JSON.stringify(name.slice(0, 40))}`);
      const other = names.get(folded(name))?.label;
      if (other !== undefined && other !== label) throw wrongLabels(`${JSON.stringify(name)} for two labels`);
      names.set(folded(name), { name, label });
    }
  }
  if (names.size === 0 || names.size > MAX_LABELS) throw wrongLabels(`${names.size} names`);
  return names;
}

/** Between the words of a name; which of them does not matter. */
const SEPARATOR = /(?<=[\p{L}\p{N}])[\s_-]+(?=[\p{L}\p{N}])/gu;
const folded = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().replace(SEPARATOR, ' ');

const wrongLabels = (found: string): UsageError =>
  new UsageError({
    field: 'labels',
    found,
    expected: `1 to ${MAX_LABELS} names with a letter or digit, at most ${MAX_NAME} characters, each of one label`,
    fix: 'Give every class names of its own.',
  });
