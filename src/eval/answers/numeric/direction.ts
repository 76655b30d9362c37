/** Words that make a number negative: "the change was a decrease of 8%", but not "sales fell by 8%". */

import type { Span } from '../reading.ts';
import type { Mention } from './mention-reader.ts';

const NOUN =
  'loss|deficit|outflow|decline|decrease|drop|reduction|fall|shortfall|contraction|Verlust|Rückgang|Abnahme|perte|baisse|diminution|pérdida|disminución|caída|déficit';
const EAST_NOUN = '亏损|虧損|下降|减少|減少|下跌|降低|下滑|损失|損失|赤字|下落|低下';
/** A loss or decrease as the value: "a net loss of about", "down". */
const VALUE_LEFT = new RegExp(
  `(?<!\\p{L})(?:(?:an?|une?|ein(?:en|e)?) )?(?:net |operating |slight |small )?(?:${NOUN})(?: (?:of|by|von|de|um))?(?: (?:about|approximately|roughly|around|nearly|almost))?[ ]?$|(?<!\\p{L})(?:down|lower)(?: by)?(?: (?:about|approximately|roughly))?[ ]?$|(?:${EAST_NOUN})(?:了|约|約)?$`,
  'iu',
);
/** "a 7.2% decrease", "5億円の赤字". */
const VALUE_RIGHT = new RegExp(
  `^[ ]?(?:net )?(?:${NOUN})(?!\\p{L})|^[ ](?:down|lower)(?![ ]?(?:from|than)|\\p{L})|^の?(?:${EAST_NOUN})`,
  'iu',
);
const SIGNED =
  /(?<!\p{L})(?:income|result|balance|cash flows?|change|growth|return|profit|earnings|p&l|ebit(?:da)?|margin|difference|movement|variation|position|performance|gain\/loss|Ergebnis|Veränderung|résultat|variation|resultado|variación)(?!\p{L})|利润|利益|损益|損益|变动|变化|変化|変動|增长|增速|成長|收益|差额|差額|キャッシュフロー|现金流/iu;
const COPULA =
  /(?:(?<!\p{L})(?:is|was|were|be|been|shows?|showed|reported|ist|war|est|était|es|fue)[ ]+(?:therefore |thus |then |in fact |actually )?|[:=][ ]*|[为為是は：])(?:an? |une? |ein(?:en|e)? )?$/iu;
const DIRECTION = new RegExp(`(?<!\\p{L})(?:${NOUN})(?!\\p{L})|${EAST_NOUN}`, 'iu');

/**
 * Whether words present the number as a loss or decrease of a quantity that has a sign: the words fill an answer slot or a
 * labelled value, or they are the predicate of a change, result or balance. Not where a sign is printed, nor where the
 * quantity itself is the loss.
 */
export function isNegativeByWords(text: string, mention: Mention, segment: Span, isSlot: boolean): boolean {
  if (mention.hasSign || mention.value.numerator === 0n) return false;
  const left = text.slice(Math.max(segment.start, mention.start - 120), mention.start);
  const words = VALUE_LEFT.exec(left);
  const isBehind = VALUE_RIGHT.test(text.slice(mention.end, mention.end + 24));
  if (words === null && !isBehind) return false;
  const before = words === null ? left : left.slice(0, words.index);
  const subject = isSlot
    ? before
    : text.slice(Math.max(0, segment.start), segment.start + 200).slice(0, mention.start - segment.start);
  if (isSlot && /^[\s"'([*-]*(?:an? |about |approximately |roughly )*$/i.test(before)) return true;
  if (!COPULA.test(before)) return false;
  const quantity = subject.slice(0, before.length === 0 ? undefined : Math.max(0, before.length));
  const isLabelled = /[:：=][ ]*(?:an? )?$/.test(before);
  return !DIRECTION.test(quantity) && (isLabelled || SIGNED.test(quantity));
}
