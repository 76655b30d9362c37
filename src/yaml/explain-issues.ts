/** From what zod found to an error that a person can act on: field, found, expected, what to do. */
import type { z } from 'zod';
import { expectedValue } from './expected-value.ts';
import { alternatives, childSchema, type JsonSchema } from './json-schema.ts';
import { nearest } from './near-miss.ts';

/** What goes into `params` of a custom issue, so that it becomes a `Problem` without guessing. */
export interface Finding {
  readonly path: (string | number)[];
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

type Issue = z.core.$ZodIssue;
type Path = Finding['path'];

/**
 * The one finding to tell first. An unknown key comes before the rest: a missing field is often a misspelt one.
 * @param document what was parsed
 * @param schema its JSON Schema, for suggestions
 */
export function explainIssues(issues: readonly Issue[], document: unknown, schema: JsonSchema): Finding {
  const explained = issues.map((issue) => explain(issue, document, schema));
  return explained.find(({ unknownKey }) => unknownKey) ?? explained[0];
}

type Explained = Finding & { readonly unknownKey?: boolean };

function explain(issue: Issue, document: unknown, root: JsonSchema): Explained {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const way = follow(path, document, root);
  if ('choice' in way) return way.choice;
  const { value, schema } = way;
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const errors = issue.errors[alternativeIndex(value, schema)] ?? [];
    // A word where a number or one other word may stand is told of both.
    if (errors.length > 0 && !errors.some(({ code, path: inner }) => code === 'invalid_value' && inner.length === 0)) {
      const inner = errors.map((error) => ({ ...error, path: [...path, ...error.path] }));
      return explainIssues(inner, document, root);
    }
  }
  if (issue.code === 'custom' && issue.params !== undefined) return issue.params.finding as Finding;
  if (issue.code === 'unrecognized_keys') return unknownKey(issue.keys[0], path, value, schema);
  const fix =
    value === undefined ? 'Add the field.' : (numberWithSeparators(value) ?? 'Correct the value or leave it out.');
  return { path, found: show(value), expected: expectation(issue, schema), fix };
}

interface Place {
  readonly value: unknown;
  /** All that the schema allows here, alternatives not yet chosen. */
  readonly schema: JsonSchema;
}

/** Goes down the path in document and schema together, and stops where the document has not chosen one alternative. */
function follow(path: Path, document: unknown, root: JsonSchema): Place | { readonly choice: Explained } {
  let place: Place = { value: document, schema: root };
  for (let depth = 0; ; depth++) {
    const choice = unclearChoice(path.slice(0, depth), place);
    if (choice !== undefined) return { choice };
    if (depth === path.length) return place;
    const chosen = alternatives(place.schema)[Math.max(0, alternativeIndex(place.value, place.schema))];
    place = { value: child(place.value, path[depth]), schema: childSchema(chosen, path[depth]) ?? {} };
  }
}

/** Objects are told apart by the keys that they require, other values by their type. -1 if there is no telling. */
function alternativeIndex(value: unknown, schema: JsonSchema): number {
  const options = alternatives(schema);
  if (options.length === 1) return 0;
  if (isObject(value))
    return options.findIndex((option) => requiredKeys(option).some((key) => Object.hasOwn(value, key)));
  return options.findIndex(({ type }) => type === typeof value || (type === 'integer' && typeof value === 'number'));
}

function unclearChoice(path: Path, { value, schema }: Place): Explained | undefined {
  const options = schema.anyOf?.filter((option) => requiredKeys(option).length > 0) ?? [];
  if (options.length < 2 || !isObject(value)) return undefined;
  const names = options.map((option) => requiredKeys(option)[0]);
  const chosen = names.filter((name) => Object.hasOwn(value, name));
  if (chosen.length === 1) return undefined;
  const expected = `exactly one of ${names.join(', ')}`;
  if (chosen.length > 1) return { path, found: chosen.join(' and '), expected, fix: 'Keep one of them.' };
  const all = options.flatMap((option) => Object.keys(option.properties ?? {}));
  const keys = Object.keys(value);
  const key = keys.find((name) => !all.includes(name));
  if (key === undefined) {
    const found = keys.length === 0 ? 'nothing' : `only ${keys.join(' and ')}`;
    return { path, found, expected, fix: `Add ${names.join(' or ')}.` };
  }
  return {
    ...unknownKey(key, path, value, { properties: Object.fromEntries(all.map((name) => [name, {}])) }),
    expected,
  };
}

function unknownKey(key: string, path: Path, value: unknown, schema: JsonSchema): Explained {
  const known = [...new Set(alternatives(schema).flatMap(({ properties = {} }) => Object.keys(properties)))];
  const free = known.filter((name) => !isObject(value) || !Object.hasOwn(value, name));
  const meant = nearest(key, free) ?? nearest(key, known);
  return {
    path: [...path, key],
    found: 'an unknown field',
    expected: `one of ${known.join(', ')}`,
    fix: meant === undefined ? 'Remove the field.' : `Did you mean "${meant}"?`,
    unknownKey: true,
  };
}

function expectation(issue: Issue, schema: JsonSchema): string {
  const said = expectedValue(issue);
  return schema.description === undefined ? said : `${said} (${schema.description.replace(/\.$/, '')})`;
}

function numberWithSeparators(value: unknown): string | undefined {
  const [, digits, unit] =
    (typeof value === 'string' && /^([+-]?\d[\d_,']*(?:\.\d+)?)\s*([kmgbt]?)$/i.exec(value)) || [];
  if (digits === undefined) return undefined;
  const plain = digits.replace(/[^\d.+-]/g, '');
  const written = unit === '' ? plain : String(Number((Number(plain) * units[unit.toLowerCase()]).toPrecision(15)));
  return `Write it as a plain number: ${written}.`;
}

/** What may follow a number of tokens elsewhere. */
const units: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, b: 1e9, t: 1e12 };

const LONGEST_SHOWN = 80;

/** A value as it stands in the document, shortened. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}

function requiredKeys(schema: JsonSchema): readonly string[] {
  return alternatives(schema).flatMap(({ required = [] }) => required);
}

function child(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
