/**
 * Scores of TAT-QA (Zhu et al., ACL 2021): numbers together with their scale, spans as in DROP. Numbers are exact decimals,
 * rounded to 2 places before the scale; a prediction without a scale may also be meant as a percentage.
 */

import { exactText, roundToPlaces } from '../../../generate/tools/calculator/decimal.ts';
import { absolute, multiply, ONE, type Rational, rational } from '../../../generate/tools/calculator/rational.ts';
import { decimalValue } from '../numeric/decimal-value.ts';
import type { NumericQuantity } from '../numeric/quantity.ts';
import { readNumber } from '../numeric/read-number.ts';
import type { ReadingOptions } from '../reading.ts';
import { type SpanScore, scoreSpans, spansOf } from './span-score.ts';

type TatqaScale = '' | 'thousand' | 'million' | 'billion' | 'percent';

export interface TatqaGold {
  readonly type: 'span' | 'multi-span' | 'arithmetic' | 'count';
  readonly answer: number | string | readonly string[];
  readonly scale: TatqaScale;
}

export interface TatqaScore extends SpanScore {
  /** Whether the scale of the answer is that of the gold one. */
  readonly scale: 0 | 1;
}

const FACTORS: Readonly<Record<TatqaScale, Rational>> = {
  '': ONE,
  thousand: rational(10n ** 3n),
  million: rational(10n ** 6n),
  billion: rational(10n ** 9n),
  percent: rational(1n, 100n),
};

const PLACES = 2;
const WRONG: TatqaScore = { exactMatch: 0, f1: 0, scale: 0 };

/**
 * Scores an answer in free text. `arithmetic` and `count`: F1 is exact match. Spans that are numbers with a scale
 * ("22,626" thousand) are compared as numbers, others as bags of words.
 */
export function scoreTatqa(answer: string, gold: TatqaGold, options: ReadingOptions = {}): TatqaScore {
  if (gold.type === 'arithmetic' || gold.type === 'count') return scoreNumber(answer, gold, options);
  const wanted = typeof gold.answer === 'object' ? gold.answer : [String(gold.answer)];
  if (gold.scale !== '' && wanted.length === 1) return scoreNumber(answer, { ...gold, answer: wanted[0] }, options);
  const found = spansOf(answer);
  const spans =
    gold.scale === '' ? scoreSpans(found, wanted) : scoreSpans(found.map(withoutScale), wanted.map(withoutScale));
  // A gold span can hold its own scale, as "$1.2 billion" does; a prediction may repeat it.
  const allowed =
    gold.scale === '' ? new Set(['', ...wanted.map((span) => scaleOf(numberIn(span)))]) : new Set([gold.scale]);
  const isScaled = found.length > 0 && found.every((span) => allowed.has(scaleOf(numberIn(span))));
  return { ...spans, scale: isScaled ? 1 : 0 };
}

function scoreNumber(answer: string, gold: TatqaGold, options: ReadingOptions): TatqaScore {
  const reading = readNumber(answer, options);
  const wanted = typeof gold.answer === 'number' ? decimalValue(gold.answer) : numberIn(String(gold.answer))?.value;
  if (!reading.ok || wanted === undefined) return WRONG;
  const { value: found } = reading;
  const scale = scaleOf(found);
  const target = canonical(multiply(roundToPlaces(wanted, PLACES), FACTORS[gold.scale]));
  const isRight = [scale, ...(scale === '' && gold.scale === 'percent' ? (['percent'] as const) : [])].some(
    (tried) => canonical(multiply(roundToPlaces(printed(found), PLACES), FACTORS[tried])) === target,
  );
  const score = isRight ? 1 : 0;
  return { exactMatch: score, f1: score, scale: scale === gold.scale ? 1 : 0 };
}

const canonical = (value: Rational): string => exactText(value) ?? `${value.numerator}/${value.denominator}`;

const numberIn = (text: string): NumericQuantity | undefined => {
  const reading = readNumber(text, { mode: 'lenient' });
  return reading.ok ? reading.value : undefined;
};

/** The number as printed, without its scale word. */
const printed = ({ value, scale }: NumericQuantity): Rational =>
  multiply(value, { numerator: scale.denominator, denominator: absolute(scale).numerator });

function scaleOf(quantity: NumericQuantity | undefined): TatqaScale {
  if (quantity === undefined) return '';
  if (quantity.unit === 'percent') return 'percent';
  const text = canonical(quantity.scale);
  return text === '1000' ? 'thousand' : text === '1000000' ? 'million' : text === '1000000000' ? 'billion' : '';
}

const withoutScale = (span: string): string => {
  const quantity = numberIn(span);
  return quantity === undefined ? span : canonical(printed(quantity));
};
