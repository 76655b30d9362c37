/** The one number that a slot or a sentence gives, or why there is none. */

import { absolute, compare, multiply, rational, subtract } from '../../../generate/tools/calculator/rational.ts';
import type { Span, UnparsedReason } from '../reading.ts';
import { equationResult, isExpression } from './equation.ts';
import type { Mention } from './mention-reader.ts';
import type { NumericQuantity } from './quantity.ts';
import { type Role, roleOf } from './roles.ts';

export type Resolution =
  | { readonly kind: 'number'; readonly mention: Mention }
  | { readonly kind: 'unparsed'; readonly reason: UnparsedReason }
  /** No number that could be meant: others may be looked at. */
  | { readonly kind: 'none' };

const NONE: Resolution = { kind: 'none' };
const unparsed = (reason: UnparsedReason): Resolution => ({ kind: 'unparsed', reason });

export interface Scope {
  readonly text: string;
  readonly segment: Span;
  /** The sentence or slot that holds the segment. */
  readonly sentence: Span;
  /** Mentions in the segment, in order. */
  readonly mentions: readonly Mention[];
}

interface Candidate {
  readonly mention: Mention;
  readonly role: Role;
}

/** Words behind which the result stands. */
const RESULT_WORD =
  /(?<!\p{L})(?:so(?! far| that| called|-)|giv(?:es|ing)|i\.e\.|that is|which (?:is|gives|means|rounds to|equals|makes|leaves|comes to)|equals?|equal to|soit|result(?:s|ing) in|yield(?:s|ing)|leav(?:es|ing)|mak(?:es|ing)|average|in total|for a total of|total of|thus|therefore|hence|also beträgt|das ergibt|ergibt)(?!\p{L})|即|也就是|等于|得到|得出|所以|因此|すなわち|つまり/giu;
const IN_TOTAL = /^[^.\n]{0,24}?(?<!\p{L})(?:in total|altogether|in all|insgesamt|au total|en total)(?!\p{L})/iu;
const BOUND_LEFT =
  /(?:(?<!(?:just|slightly|a little|only slightly|a bit|well below or) )(?<!\p{L})(?:at least|at most|more than|less than|fewer than|greater than|higher than|lower than|no more than|no less than|not more than|not less than|over|under|up to|above|below|(?:not |n['’]t )?exceed(?:s|ed|ing)?|minimum of|maximum of|a maximum|a minimum|as much as|as many as|upwards of|in excess of|mehr als|weniger als|mindestens|höchstens|über|unter|plus de|moins de|au moins|au plus|más de|menos de|al menos)|[<>≤≥]=?|超过|超過|不超过|至少|最多|高于|低于|大于|小于|不到|少なくとも|最大で?)[ ]*(?:about |approximately |the )?$/iu;
const BOUND_RIGHT =
  /^[ ]?(?:or (?:more|less|higher|lower|above|below|fewer)|and (?:above|below|more)|oder mehr|ou plus|以上|以下|未満|超(?![\p{L}])|\+(?![\d ]))/iu;
const RANGE = /^[ ]{0,3}(?:-|–|—|~|〜|to|through|至|到|から|bis|à|hasta|až|do)[ ]{0,3}$/iu;
/** A value that is picked from a range afterwards. */
const CHOSEN =
  /(?<!\p{L})(?:choos\p{L}*|chose|pick|take|taking|us(?:e|ing)|settle|select|go with|midpoint|mid-point|mean|average|best estimate|say|most likely)(?!\p{L})/iu;
const BETWEEN = /(?<!\p{L})(?:between|zwischen|entre)[ ](?:about )?$|介于$/iu;
const FROM = /(?<!\p{L})(?:from|von|de|desde|dal)[ ](?:about )?$|[从由自]$/iu;
const MOVEMENT =
  /(?<!\p{L})(?:r[oi]se[sn]?|rising|f[ea]ll(?:s|en|ing)?|gr[eo]w(?:s|n|ing|th)?|increas\p{L}*|decreas\p{L}*|declin\p{L}*|went|goes|mov(?:es?|ed)|improv\p{L}*|widen\p{L}*|narrow\p{L}*|climb\p{L}*|dropp?\p{L}*|jump\p{L}*|chang\p{L}*|reduc\p{L}*|expand\p{L}*|cut|raised|slipp\p{L}*|pass[eé]\p{L}*|stieg\p{L}*|sank|fiel|gestiegen|gesunken|augment\p{L}*|aument\p{L}*|subi\p{L}*|baj\p{L}*)(?!\p{L})|上升|下降|增长|增加|减少|提高|降低|升至|降至|増加|減少|上昇|低下|到|至/iu;
const TO = /(?<!\p{L})(?:to|auf|à|a|bis)[ ](?:about |just )?$|(?:到|至|为|へ|まで)$/iu;
const LIST =
  /^[\s"'*]{0,3}(?:,|，|、|;|\/|&|\||and|or|either|und|oder|et|ou|y|o|和|与|或|と|か|及び)(?:[ ]?(?:and|or|either|about|und|oder))?[\s"'*]{0,3}$/iu;
const RESTATED =
  /^[\s"'*]{0,3}[,(]?[ ]?(?:or|i\.e\.|that is|which is|=|≈|or about|which rounds to|rounded to|rounds to|即|也就是|ou|oder|soit)(?:,)?(?: about| approximately| roughly)?[\s"'*(]{0,3}$/iu;
const COPULA =
  /(?<!\p{L})(?:is|was|were|are|equals?|equaled|came to|comes to|comes out (?:to|at)|came in at|amounts? to|amounted to|total(?:s|ed|led)|stood at|stands at|reached|has|had|have|returned|costs?(?! ?[:=])|will be|would be|should be|beträgt|betrug|ist|est|était|s['’]élève à|atteint|es|fue|asciende a|è|é|foi|bedraagt|wynosi)(?!\p{L})|[为為是は]/giu;

const CONDITION =
  /^[\s"'(]{0,4}(?:if|when|assuming|given|since|because|as|although|after|before|once|wenn|falls|da|si|comme|如果|若)(?!\p{L})/iu;

export function resolve(scope: Scope, isSlot: boolean): Resolution {
  const { text, segment, mentions } = scope;
  const isAlone = (mention: Mention) => isSlot && startsSlot(text, segment, mention);
  const all = mentions.map((mention) => ({ mention, role: roleOf(text, mention, scope.sentence, isAlone(mention)) }));
  const usable =
    (['asserted', 'circumstance', 'comparator'] as const)
      .map((wanted) => all.filter(({ role }) => role === wanted))
      .find((found) => found.length > 0) ?? [];
  const firstBad = mentions.find(({ kind }) => kind === 'malformed');
  if (firstBad !== undefined && (usable.length === 0 || (isSlot && firstBad.start < usable[0].mention.start))) {
    return unparsed('malformed');
  }
  if (usable.length === 0) return all.some(({ role }) => role === 'denied') ? unparsed('missing') : NONE;
  const narrow = isSlot && isDirect(text, segment, usable[0].mention);
  const behind = narrow ? undefined : behindResultWord(scope, usable);
  if (behind !== undefined) return resolve(behind, isSlot);
  const main = narrow ? segment.start : predicateStart(scope, usable);
  const meant = usable.filter(({ mention }) => mention.digits.start >= main);
  const equation = equationResult(text, segment, mentions);
  if (equation.kind === 'result' && (!narrow || beginsWithEquation(text, segment))) {
    return bounded(scope, lastForm(text, equation.mention, meant));
  }
  const operands = meant.map(({ mention }) => mention);
  const isOpen = equation.kind === 'open' || isExpression(text, operands);
  if (isOpen && (!narrow || usable.length > 1)) return unparsed('missing');
  const between = spanOf(
    scope,
    all.filter(({ mention }) => mention.digits.start >= main),
  );
  return between ?? (narrow ? first(scope, meant) : only(scope, meant));
}

/** Text before the first number of a slot that does not describe anything: a few words at most. */
function isDirect(text: string, segment: Span, mention: Mention): boolean {
  const before = text.slice(segment.start, mention.start).trim();
  return before.split(/\s+/).length <= 4 && !/[\d=]/.test(before);
}

function startsSlot(text: string, segment: Span, mention: Mention): boolean {
  const before = text.slice(segment.start, mention.start);
  const behind = text.slice(mention.end, segment.end);
  return /^[\s"'*(:=-]*$/.test(before) && /^[\s"'*).,;!]*(?:$|[,;(]|\p{L}+[ .]*$)/u.test(behind);
}

function behindResultWord(scope: Scope, usable: readonly Candidate[]): Scope | undefined {
  const { text, segment } = scope;
  const words = Array.from(text.slice(segment.start, segment.end).matchAll(RESULT_WORD));
  for (const { index, 0: word } of words.toReversed()) {
    const start = segment.start + index + word.length;
    if (!usable.some(({ mention }) => mention.digits.start >= start)) continue;
    const isUseful = usable.some(({ mention }) => mention.digits.start < start);
    if (!isUseful) return undefined;
    return narrowed(scope, start);
  }
  const total = usable.find(({ mention }) =>
    IN_TOTAL.test(text.slice(mention.end, Math.min(segment.end, mention.end + 60))),
  );
  return total === undefined || usable.length === 1
    ? undefined
    : narrowed(scope, total.mention.start, total.mention.end);
}

function narrowed(scope: Scope, start: number, end = scope.segment.end): Scope {
  const mentions = scope.mentions.filter(({ digits }) => digits.start >= start && digits.start < end);
  return { ...scope, segment: { start, end }, mentions };
}

const beginsWithEquation = (text: string, { start, end }: Span): boolean =>
  /^[^=≈,;.]{0,60}(?:\d[.,]\d[^=≈,;.]{0,60}){0,6}[=≈]/.test(text.slice(start, Math.min(end, start + 400)));

/** Ranges have no single value; of a movement from one level to another the second counts. */
function spanOf(scope: Scope, all: readonly Candidate[]): Resolution | undefined {
  const { text, segment } = scope;
  const values = all.filter(({ role }) => role !== 'label' && role !== 'denied');
  for (let index = 0; index + 1 < values.length; index++) {
    const [a, b] = [values[index].mention, values[index + 1].mention];
    const between = text.slice(a.end, b.start);
    const left = text.slice(Math.max(segment.start, a.start - 24), a.start);
    if (between.trim() === '±' || between.trim() === '+/-') return bounded(scope, a);
    const isMovement = FROM.test(left) && MOVEMENT.test(text.slice(scope.sentence.start, scope.sentence.end));
    if (isMovement && TO.test(between) && between.length <= 40) return bounded(scope, b);
    if (!RANGE.test(between) && !(BETWEEN.test(left) && LIST.test(between))) continue;
    const choice = CHOSEN.exec(text.slice(b.end, segment.end));
    const chosen = choice === null ? undefined : values.find(({ mention }) => mention.start >= b.end + choice.index);
    return chosen === undefined ? unparsed('ambiguous') : bounded(scope, chosen.mention);
  }
  return undefined;
}

/** The last of several forms of one quantity, from `mention` on: "0.05 or 5%". */
function lastForm(text: string, mention: Mention, candidates: readonly Candidate[]): Mention {
  let last = mention;
  for (const { mention: next } of candidates) {
    if (next.start >= last.end && RESTATED.test(text.slice(last.end, next.start)) && isSame(last, next)) last = next;
  }
  return last;
}

/** The first number of a slot, unless it is the first of a list. */
function first(scope: Scope, usable: readonly Candidate[]): Resolution {
  let [{ mention }] = usable;
  for (const { mention: next } of usable.slice(1)) {
    const between = scope.text.slice(mention.end, next.start).replace(/\([^()]{0,80}\)/g, '');
    if (RESTATED.test(between) && isSame(mention, next)) mention = next;
    else if (LIST.test(between)) {
      if (!isEqual(mention, next)) return unparsed('ambiguous');
    } else if (between.trim() === '') return unparsed('malformed');
    else break;
  }
  return bounded(scope, mention);
}

/** The only value that a sentence asserts. */
function only(scope: Scope, usable: readonly Candidate[]): Resolution {
  let [{ mention }] = usable;
  for (const { mention: next } of usable.slice(1)) {
    const between = scope.text.slice(mention.end, next.start);
    if (isEqual(mention, next) || (RESTATED.test(between) && isSame(mention, next))) mention = next;
    else return unparsed('ambiguous');
  }
  return bounded(scope, mention);
}

/**
 * Where the part of a sentence begins that asserts: behind its conditions, and behind the verb where numbers before it
 * describe the subject, as in "the ratio of 5 to 4 is 1.25".
 */
function predicateStart({ text, segment }: Scope, usable: readonly Candidate[]): number {
  if (usable.length === 1) return segment.start;
  const own = text.slice(segment.start, segment.end);
  const follows = (at: number) => usable.some(({ mention }) => mention.digits.start > at);
  const commas = CONDITION.test(own)
    ? Array.from(own.matchAll(/[,，] ?(?!\d)/g), ({ index }) => segment.start + index)
    : [];
  const start = commas.findLast(follows) ?? segment.start;
  const copulas = Array.from(own.matchAll(COPULA), ({ index }) => segment.start + index).filter((at) => at >= start);
  const last = copulas.findLast(follows);
  if (last === undefined) return start;
  const isOtherAsserted = usable.some(({ mention }) => mention.start > copulas[0] && mention.start < last);
  return isOtherAsserted ? start : last;
}

function bounded({ text, segment, sentence }: Scope, mention: Mention): Resolution {
  const left = text.slice(Math.max(sentence.start, mention.start - 40), mention.start);
  const right = text.slice(mention.end, mention.end + 20);
  if (BOUND_LEFT.test(left) || BOUND_RIGHT.test(right)) return unparsed('ambiguous');
  // "$7," at the end was cut inside a group.
  const isCut =
    /^,\s*$/.test(text.slice(mention.end, segment.end)) &&
    /^\d{1,3}$/.test(text.slice(mention.digits.start, mention.digits.end));
  return isCut ? unparsed('truncated') : { kind: 'number', mention };
}

const isEqual = (a: NumericQuantity, b: NumericQuantity): boolean =>
  a.unit === b.unit && compare(a.value, b.value) === 0;

const FACTORS = {
  none: rational(1n),
  multiple: rational(1n),
  percent: rational(1n, 100n),
  per_mille: rational(1n, 1000n),
  basis_points: rational(1n, 10_000n),
};

/** Whether two forms say the same quantity, as far as the one with fewer digits can. */
function isSame(a: NumericQuantity, b: NumericQuantity): boolean {
  const [x, y] = [a, b].map(({ value, unit }) => multiply(value, FACTORS[unit]));
  const allowed = [a, b].map(({ decimals = 0, scale, unit }) =>
    multiply(multiply(absolute(scale), FACTORS[unit]), rational(51n, 100n * 10n ** BigInt(decimals))),
  );
  const distance = absolute(subtract(x, y));
  return allowed.some((tolerance) => compare(distance, tolerance) <= 0);
}
