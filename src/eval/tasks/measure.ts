/** What a task says of the numbers that it asks for: unit, scale and currency of each target. */
import { InputError } from '../../errors.ts';
import type { NumberUnit } from '../answers/numeric/quantity.ts';
import { scaleFactor } from '../answers/numeric/scales.ts';
import type { Measure } from './task.ts';

/** Units as tasks write them. */
export const UNITS: Readonly<Record<string, NumberUnit>> = {
  '%': 'percent',
  '‰': 'per_mille',
  bp: 'basis_points',
  x: 'multiple',
};

/** @throws InputError for a unit, scale or currency that no number could be read in. */
export function checkedMeasure(measure: Measure, field: string, document: string): Measure {
  const { unit, scale, currency } = measure;
  const refuse = (name: string, found: string, expected: string): never => {
    throw new InputError({
      field: `${field}.${name}`,
      found: `${JSON.stringify(found)} for ${document}`,
      expected: `${expected}, or nothing`,
      fix: 'Correct the template or the document.',
    });
  };
  if (unit !== '' && !Object.hasOwn(UNITS, unit)) refuse('unit', unit, `one of ${Object.keys(UNITS).join(', ')}`);
  const factor = scaleFactor(scale);
  if (scale !== '' && factor.numerator === factor.denominator) refuse('scale', scale, 'thousand, million, billion');
  if (currency !== '' && !/^[A-Z]{3}$/.test(currency)) refuse('currency', currency, 'a code such as USD');
  return measure;
}
