/** The number that an answer gives, after the policy in `labels/README.md`. */

import { negate } from '../../../generate/tools/calculator/rational.ts';
import { type Reading, type ReadingOptions, type Span, settled, type UnparsedReason, unparsed } from '../reading.ts';
import { type VisibleText, visibleText } from '../visible-text.ts';
import { type CleanText, cleanText } from './clean-text.ts';
import { isNegativeByWords } from './direction.ts';
import { withHeader } from './headers.ts';
import { unreadMiddle } from './long-answer.ts';
import type { Mention } from './mention-reader.ts';
import { findMentions } from './mentions.ts';
import { conclusions, isAside, isCut, isRefusal, refusesBefore, retraction, slots } from './places.ts';
import type { NumericQuantity } from './quantity.ts';
import { type Resolution, resolve } from './resolve.ts';
import { sentences } from './sentences.ts';

/** Where the number stands: in a mark, behind "answer is", alone, in a conclusion, in the last assertion. */
type NumberPlace = 'mark' | 'statement' | 'whole' | 'conclusion' | 'assertion';

export interface NumberReading extends NumericQuantity {
  readonly place: NumberPlace;
}

/**
 * The number that a text gives as its final answer. Strict: where it is marked (`\boxed{}`, `[[ ]]`, `<answer>`, `####`),
 * stated ("answer is", "Result:", 答案) or all there is. Lenient adds conclusions ("so", "in total") and the last
 * assertion of a text without any. A range, a bound, several values or a malformed number are no answer. Of an answer
 * longer than `READ_HEAD` and `READ_TAIL` together its beginning and its end are read, and the reading says so.
 */
export function readNumber(answer: string, options: ReadingOptions = {}): Reading<NumberReading> {
  const visible = visibleText(answer, options);
  if (!visible.ok) return visible;
  const unread = unreadMiddle(visible.text);
  const reading = readVisible(visible, options);
  return unread === undefined ? reading : { ...reading, unread };
}

function readVisible(visible: VisibleText, options: ReadingOptions): Reading<NumberReading> {
  const clean = cleanText(visible.text);
  const first = new NumberSearch(clean).find();
  // Words are numbers only where no digits are.
  const isOpen = first.kind !== 'number' && first.reason === 'missing';
  const spelled = isOpen ? cleanText(visible.text, { spellsDigits: true }) : clean;
  const isSpelled = spelled.text !== clean.text;
  const found = isSpelled ? new NumberSearch(spelled).find() : first;
  if (found.kind !== 'number') return settled(unparsed(found.reason), visible.text, options);
  const { mention, place } = found;
  if ((options.mode ?? 'strict') === 'strict' && (place === 'conclusion' || place === 'assertion'))
    return unparsed('missing');
  const { value, unit, currency, scale } = mention;
  const decimals = isSpelled && spelled.isSpelled(mention.digits) ? undefined : mention.decimals;
  const span = spelled.mapped.span(mention.start, mention.end);
  return settled({ ok: true, value: { value, unit, currency, decimals, scale, place }, span }, visible.text, options);
}

type Found =
  | { readonly kind: 'number'; readonly mention: Mention; readonly place: NumberPlace }
  | { readonly kind: 'unparsed'; readonly reason: UnparsedReason };

const missing: Found = { kind: 'unparsed', reason: 'missing' };

/** Punctuation and hedges. */
const AROUND_WHOLE =
  /^[\s"'.,;!*()[\]。=~≈]*(?:(?:about|approximately|around|roughly|nearly|ca\.?|大约|约|約)[\s"'.,;!*()[\]。]*)?$/i;

/** Longer sentences are read in their last part. */
const MAX_SEGMENT = 2_000;

class NumberSearch {
  readonly #clean: CleanText;
  readonly #text: string;
  readonly #mentions: readonly Mention[];
  readonly #sentences: readonly Span[];

  constructor(clean: CleanText) {
    this.#clean = clean;
    this.#text = clean.text;
    this.#mentions = findMentions(clean.text);
    this.#sentences = sentences(clean.text);
  }

  find(): Found {
    const start = retraction(this.#text, (span) => this.#mentionsIn(span).some(({ kind }) => kind === 'number'));
    const corrected = start === undefined ? undefined : this.#findFrom(start);
    return corrected === undefined || (corrected.kind === 'unparsed' && corrected.reason === 'missing')
      ? this.#findFrom(0)
      : corrected;
  }

  #findFrom(from: number): Found {
    return (
      this.#marked(from) ??
      this.#stated(from) ??
      this.#whole(from) ??
      this.#concluded(from) ??
      this.#asserted(from) ??
      missing
    );
  }

  #marked(from: number): Found | undefined {
    const mark = this.#clean.marks.findLast(({ start }) => start >= from);
    if (mark === undefined) return undefined;
    if (mark.end === undefined) return { kind: 'unparsed', reason: 'truncated' };
    const segment = { start: mark.start, end: mark.end };
    const sentence = this.#sentenceAt(mark.start) ?? segment;
    const other = this.#clean.marks.findLast(
      ({ start, end }) => end !== undefined && start < mark.start && start >= Math.max(from, sentence.start),
    );
    const found = this.#resolved(segment, segment, sentence, 'mark', true) ?? missing;
    if (other === undefined || found.kind !== 'number') return found;
    const before = this.#resolved({ start: other.start, end: other.end ?? 0 }, segment, sentence, 'mark', true);
    const differs =
      before?.kind === 'number' &&
      before.mention.value.numerator * found.mention.value.denominator !==
        found.mention.value.numerator * before.mention.value.denominator;
    return differs ? { kind: 'unparsed', reason: 'ambiguous' } : found;
  }

  #stated(from: number): Found | undefined {
    const slot = slots(this.#text, this.#sentences).findLast(({ start }) => start >= from);
    if (slot === undefined) return undefined;
    const sentence = { start: Math.min(slot.label, this.#sentenceAt(slot.label)?.start ?? slot.label), end: slot.end };
    const found = this.#resolved(slot, slot, sentence, 'statement', true);
    if (found?.kind === 'number') return refusesBefore(this.#text, slot, found.mention.start) ? missing : found;
    if (found !== undefined) return found;
    return slot.end === this.#text.length && this.#isCut() ? { kind: 'unparsed', reason: 'truncated' } : missing;
  }

  /** A text that is a number and hardly anything else. */
  #whole(from: number): Found | undefined {
    const numbers = this.#mentionsIn({ start: from, end: this.#text.length });
    const [mention] = numbers;
    if (numbers.length !== 1 || mention.kind !== 'number') return undefined;
    const rest = this.#text.slice(from, mention.start) + this.#text.slice(mention.end);
    if (!AROUND_WHOLE.test(rest.slice(0, MAX_SEGMENT))) return undefined;
    if (rest.includes('(') && !rest.includes(')')) return { kind: 'unparsed', reason: 'malformed' };
    const segment = { start: from, end: Math.min(this.#text.length, from + MAX_SEGMENT) };
    return this.#resolved(segment, segment, segment, 'whole', true);
  }

  #concluded(from: number): Found | undefined {
    const places = conclusions(
      this.#text,
      this.#sentences.filter(({ start, end }) => start >= from || end > from),
      (span) => this.#mentionsIn(span).some(({ kind }) => kind === 'number'),
    );
    const bold = this.#onlyBold(from);
    if (bold !== undefined) places.push({ ...bold, sentence: bold });
    places.sort((a, b) => a.start - b.start);
    for (const { start, end, sentence } of places.toReversed()) {
      if (isRefusal(this.#text, sentence)) return missing;
      const found = this.#resolved({ start, end }, sentence, sentence, 'conclusion', false);
      if (found !== undefined) return found;
      if (sentence.end === this.#text.length && this.#isCut()) return { kind: 'unparsed', reason: 'truncated' };
    }
    return undefined;
  }

  #onlyBold(from: number): Span | undefined {
    const numbers = this.#clean.bold.filter(
      (span) => span.start >= from && this.#mentionsIn(span).some(({ kind }) => kind === 'number'),
    );
    return numbers.length === 1 && this.#mentionsIn(numbers[0]).length === 1 ? numbers[0] : undefined;
  }

  #asserted(from: number): Found | undefined {
    if (this.#isCut()) return { kind: 'unparsed', reason: 'truncated' };
    for (let index = this.#sentences.length - 1; index >= 0; index--) {
      const sentence = { start: Math.max(from, this.#sentences[index].start), end: this.#sentences[index].end };
      if (sentence.end <= from) return undefined;
      if (isAside(this.#text, sentence)) continue;
      if (isRefusal(this.#text, sentence)) return missing;
      const found = this.#resolved(sentence, sentence, sentence, 'assertion', false);
      if (found !== undefined)
        return found.kind === 'number' && this.#isListed(index) ? { kind: 'unparsed', reason: 'ambiguous' } : found;
    }
    return undefined;
  }

  /** One value for each year, case or bullet: none of them is the answer. */
  #isListed(index: number): boolean {
    const [line, before] = [this.#sentences[index], this.#sentences[index - 1]].map((span) =>
      span === undefined ? '' : this.#text.slice(span.start, Math.min(span.end, span.start + 80)).trim(),
    );
    const row = /^\|/;
    const label =
      /^[-*]?\s?(?:(?:FY ?)?(?:19|20)\d\d\w?|(?:case|scenario|option|part) \w|[a-c]\)|\([a-c]\)|[Qq][1-4][^:]{0,8})\s?[:=)-]/i;
    const bullet = /^-\s[-$€£]?\d[\d.,]*\W*$/;
    return [row, label, bullet].some((pattern) => pattern.test(line) && pattern.test(before));
  }

  #resolved(segment: Span, around: Span, sentence: Span, place: NumberPlace, isSlot: boolean): Found | undefined {
    const bounded = isSlot
      ? { start: segment.start, end: Math.min(segment.end, segment.start + MAX_SEGMENT) }
      : { start: Math.max(segment.start, segment.end - MAX_SEGMENT), end: segment.end };
    const scope = { text: this.#text, segment: bounded, sentence: around, mentions: this.#mentionsIn(bounded) };
    const resolution: Resolution = resolve(scope, isSlot);
    if (resolution.kind === 'none') return undefined;
    if (resolution.kind === 'unparsed') return resolution;
    const { mention } = resolution;
    const isNegative = isNegativeByWords(this.#text, mention, isSlot ? bounded : sentence, isSlot);
    const signed = isNegative ? { ...mention, value: negate(mention.value) } : mention;
    const near = {
      start: Math.max(sentence.start, mention.start - MAX_SEGMENT),
      end: Math.min(sentence.end, mention.end + MAX_SEGMENT),
    };
    return { kind: 'number', mention: withHeader(this.#text, signed, near, this.#sentences), place };
  }

  /** A currency or dash at the end that belongs to a number cuts nothing. */
  #isCut(): boolean {
    const last = this.#mentions.at(-1);
    return isCut(this.#text) && (last === undefined || /\S/.test(this.#text.slice(last.end)));
  }

  #mentionsIn({ start, end }: Span): Mention[] {
    const found: Mention[] = [];
    for (let index = this.#firstFrom(start); index < this.#mentions.length; index++) {
      if (this.#mentions[index].digits.end > end) break;
      found.push(this.#mentions[index]);
    }
    return found;
  }

  #firstFrom(start: number): number {
    let [low, high] = [0, this.#mentions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#mentions[middle].digits.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sentenceAt(position: number): Span | undefined {
    let [low, high] = [0, this.#sentences.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sentences[middle].end <= position) low = middle + 1;
      else high = middle;
    }
    const found = this.#sentences[low];
    return found !== undefined && found.start <= position ? found : undefined;
  }
}
