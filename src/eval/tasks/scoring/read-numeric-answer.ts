/** Numbers that answers give, beside the right one: the target of an item, with what its task says of unit and scale. */
import { multiply, ONE, type Rational } from '../../../generate/tools/calculator/rational.ts';
import { compareNumbers, type Verdict } from '../../answers/numeric/compare.ts';
import type { NumericQuantity } from '../../answers/numeric/quantity.ts';
import { type NumberReading, readNumber } from '../../answers/numeric/read-number.ts';
import { scaleFactor } from '../../answers/numeric/scales.ts';
import type { Reading, ReadingMode } from '../../answers/reading.ts';
import type { Answer } from '../../model/language-model.ts';
import { UNITS } from '../measure.ts';
import type { TaskConfig } from '../schema.ts';
import type { Measure } from '../task.ts';
import type { ReadAnswer } from './read-answer.ts';

type AnswerConfig = NonNullable<TaskConfig['answer']>;

/** `verdict` is undefined where the target itself is no number. */
export function readNumericAnswer(
  { text, finishReason }: Answer,
  target: readonly string[],
  measure: Measure,
  config: AnswerConfig,
  mode: ReadingMode,
): ReadAnswer & { readonly verdict: Verdict | undefined } {
  const reading = readNumber(text, { mode, isCutOff: finishReason === 'length' });
  const golds = target.flatMap((one) => goldOf(one, measure, config) ?? []);
  const verdicts = golds.map((gold) => verdictOf(reading, gold, measure, config));
  const verdict = verdicts.find(({ strict }) => strict) ?? verdicts.find(({ lenient }) => lenient) ?? verdicts[0];
  return {
    isRead: reading.ok,
    text: reading.ok ? text.slice(reading.span.start, reading.span.end) : undefined,
    choice: undefined,
    truncated: !reading.ok && reading.reason === 'truncated',
    verdict,
  };
}

/** The target as a quantity; undefined where it is no number. What the task says counts where the target says nothing. */
function goldOf(target: string, measure: Measure, { decimals }: AnswerConfig): NumericQuantity | undefined {
  const reading = readNumber(target, { mode: 'lenient' });
  if (!reading.ok) return undefined;
  const { value, unit, currency, scale, decimals: printed } = reading.value;
  const factor = isOne(scale) ? scaleFactor(measure.scale) : ONE;
  return {
    value: multiply(value, factor),
    unit: measure.unit === '' ? unit : UNITS[measure.unit],
    currency: measure.currency === '' ? currency : measure.currency,
    decimals: decimals ?? printed,
    scale: multiply(scale, factor),
  };
}

function verdictOf(
  reading: Reading<NumberReading>,
  gold: NumericQuantity,
  measure: Measure,
  { mode, tolerance, in_question }: AnswerConfig,
): Verdict {
  const options = { mode, tolerance };
  const asWritten = compareNumbers(reading, gold, options);
  if (!reading.ok || asWritten.strict || !in_question) return asWritten;
  // Where the question says unit and scale, a number alone has them.
  const { value, unit, scale } = reading.value;
  const understood: NumberReading = {
    ...reading.value,
    value: isOne(scale) ? multiply(value, scaleFactor(measure.scale)) : value,
    unit: unit === 'none' ? gold.unit : unit,
  };
  const verdict = compareNumbers({ ...reading, value: understood }, gold, options);
  return verdict.lenient || !asWritten.lenient ? verdict : asWritten;
}

const isOne = ({ numerator, denominator }: Rational): boolean => numerator === denominator;
