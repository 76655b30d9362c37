/** Numbers as a JSON schema bounds them. */

import type { Expression } from './expression.ts';
import { ANY_NUMBER } from './json-language.ts';
import { type Bound, decimalsBetween, integersBetween } from './number-range.ts';
import { describe, type Keywords, refuseSchema } from './schema-keywords.ts';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Safe integers within the bounds. */
export function integers(keywords: Keywords): Expression {
  const [minimum, maximum] = boundsOf(keywords);
  const low = minimum === undefined ? -MAX_SAFE : BigInt(inside(minimum, 1));
  const high = maximum === undefined ? MAX_SAFE : BigInt(inside(maximum, -1));
  return integersBetween(low > -MAX_SAFE ? low : -MAX_SAFE, high < MAX_SAFE ? high : MAX_SAFE);
}

/** The first integer that a bound allows, going up (1) or down (-1). */
function inside({ value, exclusive }: Bound, direction: 1 | -1): number {
  const nearest = direction === 1 ? Math.ceil(value) : Math.floor(value);
  return exclusive && nearest === value ? nearest + direction : nearest;
}

/** Throws a `UsageError` for bounds that need more than 15 digits. */
export function numbers(keywords: Keywords): Expression {
  const [minimum, maximum] = boundsOf(keywords);
  if (minimum === undefined && maximum === undefined) return ANY_NUMBER;
  const range = decimalsBetween(minimum, maximum);
  if (range !== undefined) return range;
  const { pointer } = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'].flatMap(
    (keyword) => keywords.get(keyword) ?? [],
  )[0];
  return refuseSchema(pointer, 'a bound of more than 15 digits', 'a decimal of at most 15', 'Round the bounds.');
}

/** The bounds of a number; of an inclusive and an exclusive one on the same side, the narrower. */
function boundsOf(keywords: Keywords): [minimum: Bound | undefined, maximum: Bound | undefined] {
  const bound = (keyword: string, exclusive: boolean): Bound | undefined => {
    const located = keywords.get(keyword)?.[0];
    if (located === undefined) return undefined;
    if (typeof located.value === 'number') return { value: located.value, exclusive };
    return refuseSchema(located.pointer, describe(located.value), 'a number', 'Write a number.');
  };
  const narrower = (a: Bound | undefined, b: Bound | undefined, direction: 1 | -1): Bound | undefined => {
    if (a === undefined || b === undefined) return a ?? b;
    return direction * (b.value - a.value) >= 0 ? b : a;
  };
  return [
    narrower(bound('minimum', false), bound('exclusiveMinimum', true), 1),
    narrower(bound('maximum', false), bound('exclusiveMaximum', true), -1),
  ];
}
