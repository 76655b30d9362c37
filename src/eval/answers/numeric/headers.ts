/** Scales, units and currencies that stand in a label or in a header, not at the number. */

import { multiply, ONE, type Rational } from '../../../generate/tools/calculator/rational.ts';
import type { Span } from '../reading.ts';
import { CURRENCY_BEFORE, CURRENCY_BEHIND, currencyCode } from './currencies.ts';
import type { Mention } from './mention-reader.ts';
import type { NumberUnit } from './quantity.ts';
import { SCALE_WORD, scaleFactor } from './scales.ts';
import { UNIT_BEHIND, unitOf } from './units.ts';

interface Header {
  readonly factor: Rational;
  readonly currency?: string;
  readonly unit: NumberUnit;
}

const MONEY = `(?:${CURRENCY_BEHIND}|${CURRENCY_BEFORE})`;
const MEASURE = `(?:(?<before>${MONEY})[ ]?)?(?<scale>(?:(?:${SCALE_WORD})[ ]?){1,2})(?:[ ]?(?:of |de |d['’])?(?<behind>${MONEY}))?`;
const FIGURES =
  '(?:all |the )?(?:figures|amounts|values|numbers|data|dollars|dollar amounts|everything)(?: (?:are|is|were|below|shown|given|stated|expressed|reported|presented|here|all)){0,3}';
/** A sentence that says how all figures are given, or a title with a remark and no number. */
const GOVERNING = new RegExp(
  `^[\\s(*#-]{0,8}(?:${FIGURES}(?: in|:)|in|单位[:：]?|單位[:：]?|単位[:：]?|金额单位[:：]?|Angaben in|(?:Montants|Chiffres) en|(?:Cifras|Importes) en)[ ]?${MEASURE}[\\s.):,;）、]{0,4}(?<rest>.?)`,
  'iu',
);
const TITLE = new RegExp(
  `[(（](?:all |figures |amounts )?(?:in[ ]|单位[:：]?|单位|単位[:：]?)?[ ]?${MEASURE}[ ]?[)）]`,
  'iu',
);
/** In the sentence of the number: "(in millions)", "$m:", "in thousands of dollars", "单位：万元". */
const IN_SENTENCE = new RegExp(
  `(?:(?<!\\p{L})(?:in|en|单位[:：]?|単位[:：]?)[ ]?|[(（][ ]?|,[ ])${MEASURE}(?=[ ]?(?:[)）:：.,，;]|$| the answer| is))`,
  'giu',
);
const UNIT_IN_LABEL = new RegExp(
  `(?:(?<!\\p{L})in[ ]|[(（][ ]?(?:in[ ])?)(?<unit>${UNIT_BEHIND})[ ]?(?:[)）:：=]|$| is)`,
  'iu',
);
const RATIO =
  /(?<!\p{L})(?:per[ -]share|eps|dps|ratio|multiple|a share|je Aktie|par action|por acción)(?!\p{L})|每股|一株当たり|1株当たり|比率/iu;

/** How far a header is looked for. */
const MAX_HEADERS_TEXT = 20_000;

/** The last header before `end` that governs all figures. */
function governingHeader(text: string, sentences: readonly Span[], end: number): Header | undefined {
  for (let index = sentences.length - 1; index >= 0; index--) {
    const { start, end: stop } = sentences[index];
    if (start >= end || stop - start > 300) continue;
    if (end - start > MAX_HEADERS_TEXT) return undefined;
    const sentence = text.slice(start, stop);
    const governing = GOVERNING.exec(sentence);
    if (governing !== null) return headerOf(governing);
    const isTitle = !/\d/.test(sentence) && /[:：]\s*$|^\s*[^.]*[)）]\s*$/.test(sentence);
    const title = isTitle || /^[\s]*[(（]/.test(sentence) ? TITLE.exec(sentence) : null;
    if (title !== null) return headerOf(title);
  }
  return undefined;
}

const headerOf = ({ groups }: RegExpExecArray | RegExpMatchArray): Header => ({
  factor: scaleFactor((groups?.scale ?? '').trim()),
  currency: currencyCode((groups?.behind ?? groups?.before ?? '').trim()),
  unit: 'none',
});

/** The mention with what label and headers say of it. Percentages, multiples and per-share amounts have no scale. */
export function withHeader(text: string, mention: Mention, sentence: Span, sentences: readonly Span[]): Mention {
  const own = text.slice(sentence.start, sentence.end);
  const label = text.slice(sentence.start, mention.start);
  const inLabel = mention.unit === 'none' ? UNIT_IN_LABEL.exec(label) : null;
  if (inLabel !== null) return { ...mention, unit: unitOf(inLabel.groups?.unit ?? '') };
  if (mention.unit !== 'none' || RATIO.test(own)) return mention;
  const local = Array.from(own.matchAll(IN_SENTENCE)).find(({ index, 0: found }) => {
    const start = sentence.start + index;
    return start >= mention.end || start + found.length <= mention.start;
  });
  const header = local === undefined ? governingHeader(text, sentences, mention.start) : headerOf(local);
  if (header === undefined) return mention;
  const factor = mention.hasScale ? ONE : header.factor;
  return {
    ...mention,
    value: multiply(mention.value, factor),
    scale: multiply(mention.scale, factor),
    currency: mention.currency ?? header.currency,
  };
}
