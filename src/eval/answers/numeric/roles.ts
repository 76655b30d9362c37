/** What a number does in its sentence: assert something, describe circumstances, or name something else. */

import { isInteger } from '../../../generate/tools/calculator/rational.ts';
import type { Span } from '../reading.ts';
import type { Mention } from './mention-reader.ts';

/** `circumstance` and `comparator` count only where nothing else is asserted; `denied` and `label` never do. */
export type Role = 'asserted' | 'circumstance' | 'comparator' | 'denied' | 'label';

const LEFT = 64;
const RIGHT = 48;

const LABEL_LEFT =
  /(?:(?<!\p{L})(?:steps?|items?|options?|choice|pages?|pp?\.|notes?|chapter|section|table|figure|fig\.|exhibit|part|question|problem|footnotes?|appendix|lines?|rows?|columns?|level|tier|class|phase|scenario|case|method|no\.|nr\.|ASC|IFRS|IAS|FAS|SFAS|Form|Basel|S&P|FTSE|Nasdaq|Russell|(?:euro )?stoxx|DAX|Nikkei|CAC|TOPIX|ISO|version|company|article|schedule|rule of|topic|rule|type|grade|top|fortune|seite|kapitel|página|tableau|tabelle|schritt|étape|paso|Anhang|Ziffer)|第|[§#])[ ]?$/iu;
const LABEL_RIGHT =
  /^(?:st|nd|rd|th)(?!\p{L})|^[ -]?(?:decimals?|decimal places?|significant|d\.p\.|dp(?!\p{L})|digits?|places?)(?!\p{L})|^(?:页|章|条|項|頁|ページ|号|期|位小数|桁)|^[ ]?(?:sure|confident|certain|confidence|probability of being|chance that I)/iu;
const CONFIDENCE = /confidence[^.\n\d]{0,24}$|sicherheit[^.\n\d]{0,24}$|(?:置信度|信心|確信度)[^.\n\d]{0,8}$/i;
const FOOTNOTE_LEFT = /[^\s[(=:]\[$/;
const ITEM_LEFT = /(?:^|\n)[ \t]{0,12}[-(]?$/;
const ITEM_RIGHT = /^[.):][ \t]+\S|^\)[ \t]*\S/;
const DENIED =
  /(?<!\p{L})(?:not|n['’]t be|isn['’]t|wasn['’]t|nicht|kein|rather than|instead of|pas|no es|non è)[ ]+(?:the |a |about |be )?$|(?:而不是|不是|并非|ではなく)$/iu;
const DENIED_BEHIND = /^(?:ではなく|ではない|じゃなく)/;

const DURATION =
  /^[ -]{1,2}(?:years?|months?|weeks?|days?|quarters?|periods?|hours?|Jahren?|Monaten?|ans|mois|años|meses)(?!\p{L})/iu;
const DURATION_LEFT =
  /(?<!\p{L})(?:over|for|within|after|during|in|every|each|past|last|next|first|previous|prior|per|a|an|the|through|über|nach|sur|en|pendant|durante)[ ](?:the |a |about |next |last |past )?$/iu;
const CIRCUMSTANCE =
  /(?<!\p{L})(?:with|on|using|given|assuming|under|out of|of (?:the|all|these|those|its|our)|per|based on|among|across|by (?:the|dividing|multiplying)|multiply(?:ing)?|divid(?:e|ing)|subtract(?:ing)?|add(?:ing)?|tak(?:e|ing)|for (?:a|an|the|all|each)|rated?|coupon of|principal of|at (?:a|an|the) (?:\p{L}+[ ]){0,3}of|mit|bei|avec|con|com)[ ]+(?:(?:a|an|the|its|all|only|about)[ ]+)?$|^\s*of[ ]+$|\d[ ]by[ ]+$/iu;
const AT = /(?<!\p{L})(?<verb>\p{L}+ )?(?:at|zu|à|al)[ ]+(?:(?:a|an|the|about)[ ]+)?$/iu;
/** "closed at 45" asserts; "repaid at 4%" does not. */
const AT_VERBS =
  /^(?:stood|stands?|closed|closes|valued|priced|in|estimated|ended|ends|remains?|remained|sits?|set|calculated|arrives?|arrived|trades|traded|opened|settled|standing|peaked|reported|out|landed|lands|put|puts|recorded|carried|measured) $/i;
const PART_OF = /(?:[\d%)]|percent|per cent|third|half|quarter)[ ](?:of|von|de|del|di)[ ]+(?:the |about )?$/u;
const OF_PAR = /^[ ](?:of|to) (?:par|face|nominal)(?!p{L})/i;

const COMPARATOR_LEFT =
  /(?<!\p{L})(?:from|compared (?:with|to)|compares (?:with|to)|versus|vs\.?|against|than|relative to|below|above|exceed(?:s|ed|ing)?|beat(?:s|ing)?|von|depuis|desde|gegenüber|contre)[ ]+(?:(?:the|a|an|about|last year['’]s|just|roughly)[ ]+)?$|(?:从|由|自|较|比)$|(?:上年|去年|上期|前年|前期|上年同期|去年同期)(?:同期)?(?:的|为|是|は|の)$/iu;
const COMPARATOR_RIGHT =
  /^[ ](?:percentage points |points |basis points )?(?:higher|lower|more|less|above|below|better|worse|ahead|short of|greater|smaller|larger|over the|under the)(?!\p{L})|^[ ](?:of|in|for) (?:the )?(?:prior|previous|preceding|last|year-earlier)(?!\p{L})|^[ ](?:last year|a year (?:earlier|ago|before)|one year earlier|previously|the year before|the previous|in the (?:prior|previous|preceding))(?!\p{L})/iu;

const YEAR_LEFT =
  /(?<!\p{L})(?:in|of|for|since|by|during|from|to|through|until|till|year|fiscal|FY|ended|ending|end|late|early|mid|and|or|between|versus|than|im|en|del|Jahr|année|año|in the year|as of|dated|before|after)[ ]?$|[（(,，][ ]?$/iu;
const YEAR_RIGHT =
  /^(?:年|['’]s|s\b|[ ]?(?:annual|fiscal|financial|figures?|results?|revenue|sales|level|report|and|to|vs)(?!\p{L}))|^:[ ]|^[ ]?\||^[)）]/iu;

/** Roles of the mentions of one sentence; `alone` numbers that fill an output or a slot are never years. */
export function roleOf(text: string, mention: Mention, sentence: Span, isAlone: boolean): Role {
  if (mention.kind !== 'number') return 'label';
  const left = text.slice(Math.max(sentence.start, mention.start - LEFT), mention.start);
  const right = text.slice(mention.end, Math.min(sentence.end, mention.end + RIGHT));
  if (LABEL_LEFT.test(left) && mention.unit === 'none' && !mention.hasSign && mention.currency === undefined)
    return 'label';
  if (LABEL_RIGHT.test(right) || CONFIDENCE.test(left) || isItem(text, mention, right)) return 'label';
  if (FOOTNOTE_LEFT.test(left) && right.startsWith(']')) return 'label';
  if (!isAlone && isYear(mention, left, right)) return 'label';
  if (DENIED.test(left) || DENIED_BEHIND.test(right)) return 'denied';
  if (COMPARATOR_LEFT.test(left) || COMPARATOR_RIGHT.test(right)) return 'comparator';
  if (isGloss(text, mention, sentence)) return 'circumstance';
  return isCircumstance(mention, left, right) ? 'circumstance' : 'asserted';
}

function isCircumstance(mention: Mention, left: string, right: string): boolean {
  if (DURATION.test(right) && mention.unit === 'none' && DURATION_LEFT.test(left)) return true;
  const at = AT.exec(left);
  if (at !== null && !AT_VERBS.test(at.groups?.verb ?? '')) return true;
  return CIRCUMSTANCE.test(left) || PART_OF.test(left.slice(-20)) || OF_PAR.test(right);
}

function isItem(text: string, mention: Mention, right: string): boolean {
  const before = text.slice(Math.max(0, mention.digits.start - 14), mention.digits.start);
  const { value } = mention;
  return (
    ITEM_LEFT.test(before) &&
    ITEM_RIGHT.test(right) &&
    isInteger(value) &&
    value.numerator <= 99n &&
    mention.unit === 'none' &&
    !mention.hasScale
  );
}

function isYear({ isBare, value }: Mention, left: string, right: string): boolean {
  const isLike = isBare && isInteger(value) && value.numerator >= 1900n && value.numerator <= 2099n;
  return isLike && (YEAR_LEFT.test(left) || YEAR_RIGHT.test(right));
}

/** Within parentheses that hold more than the number, or that explain another one. */
function isGloss(text: string, mention: Mention, sentence: Span): boolean {
  const left = text.slice(Math.max(sentence.start, mention.start - 200), mention.start);
  const open = left.lastIndexOf('(');
  if (open < 0 || left.lastIndexOf(')') > open) return false;
  return text.slice(mention.end, mention.end + 200).includes(')');
}
