/** What zod expected, in words. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Without the field: `a whole number`, `one of 4, 8`. */
export function expectedValue(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${quantity(issue.origin)}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${quantity(issue.origin)}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_key':
      return issue.issues[0].message;
    case 'invalid_union':
      if ('options' in issue && Array.isArray(issue.options)) return `one of ${issue.options.join(', ')}`;
      return eitherOf(issue.errors);
    default:
      return issue.message;
  }
}

/** What stands in a document where zod found fault with it; undefined where nothing does. */
export const valueAt = ({ path }: Issue, document: unknown): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], document);

/** What each alternative would take. */
function eitherOf(errors: readonly (readonly Issue[])[]): string {
  const said = new Set(errors.flatMap(([first]) => (first === undefined ? [] : [expectedValue(first)])));
  return said.size === 0 ? 'another kind of value' : [...said].join(', or ');
}

const kinds: Readonly<Record<string, string>> = {
  object: 'fields with values',
  record: 'names with values',
  array: 'a list',
  string: 'text',
  number: 'a finite number',
  int: 'a whole number',
  boolean: 'true or false',
};

function quantity(origin: string): string {
  if (origin === 'string') return 'a length of ';
  return origin === 'array' ? 'a number of entries of ' : 'a number of ';
}
