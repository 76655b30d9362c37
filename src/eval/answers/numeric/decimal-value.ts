import { powerOfTen } from '../../../generate/tools/calculator/decimal.ts';
import { type Rational, rational } from '../../../generate/tools/calculator/rational.ts';

/** The decimal that a finite number is written as: 0.1 is a tenth. Its shortest form, as JSON has it. */
export function decimalValue(value: number): Rational {
  const [digits, exponent = '0'] = value.toString().split('e');
  const [whole, fraction = ''] = digits.split('.');
  const power = Number(exponent) - fraction.length;
  const mantissa = BigInt(whole + fraction);
  return power < 0 ? rational(mantissa, powerOfTen(-power)) : rational(mantissa * powerOfTen(power));
}
