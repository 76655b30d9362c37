/** A JSON schema as its keywords: which ones there are, where they stand, and how two schemas become one. */

import { UsageError } from '../../errors.ts';
import { type Json, type JsonObject, pointerTo, writeJson } from './json-document.ts';

/** A part of a schema and its JSON pointer. */
export interface Located<T extends Json = Json> {
  readonly value: T;
  readonly pointer: string;
}

/**
 * The keywords of one schema, or of several that must hold together: `properties` and `required` may then have several
 * values, every other keyword has one.
 */
export type Keywords = ReadonlyMap<string, readonly Located[]>;

/** What says nothing about which values are accepted. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

/** Keywords of values of each type. Those in one group speak of one another, so they cannot come from different schemas. */
const GROUPS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  object: [['properties', 'additionalProperties', 'propertyNames'], ['required']],
  array: [['prefixItems', 'items'], ['minItems'], ['maxItems']],
  string: [['minLength'], ['maxLength'], ['pattern'], ['format']],
  number: [['minimum'], ['maximum'], ['exclusiveMinimum'], ['exclusiveMaximum']],
};
const APPLICATORS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'type', 'enum', 'const'];
const SUPPORTED = new Set([...APPLICATORS, ...Object.values(GROUPS).flat(2)]);
/** Values of `properties`, or of `required`, that come together. */
const MAX_JOINED = 64;

const MANY_VALUED = new Set(['properties', 'required']);

export function refuseSchema(pointer: string, found: string, expected: string, fix: string): never {
  throw new UsageError({ field: `schema${pointer}`, found, expected, fix });
}

/** The keywords of an object schema that matter. Throws a `UsageError` for one that is not supported. */
export function keywordsOf(schema: Located<JsonObject>): Keywords {
  const keywords = new Map<string, readonly Located[]>();
  for (const [keyword, value] of schema.value) {
    const pointer = pointerTo(schema.pointer, keyword);
    // Inside a schema with an identity of its own, references would mean something else.
    const isInnerIdentity = keyword === '$id' && schema.pointer !== '#';
    if (ANNOTATIONS.has(keyword) && !isInnerIdentity) continue;
    if (!SUPPORTED.has(keyword)) {
      refuseSchema(pointer, 'an unsupported keyword', `one of ${[...SUPPORTED].join(', ')}`, 'Say it otherwise.');
    }
    keywords.set(keyword, [{ value, pointer }]);
  }
  return keywords;
}

/** The types that the keywords are about, for a schema that names none. */
export function impliedTypes(keywords: Keywords): string[] {
  return Object.keys(GROUPS).filter((type) => GROUPS[type].flat().some((keyword) => keywords.has(keyword)));
}

/**
 * The keywords of schemas that must all hold. Throws a `UsageError` where this is more than their union: when two give one
 * keyword different values, or when one speaks of the properties or items that another declares.
 */
export function conjunction(schemas: readonly Keywords[]): Keywords {
  const joined = new Map<string, readonly Located[]>();
  for (const keywords of schemas) {
    for (const [keyword, values] of keywords) {
      const present = joined.get(keyword) ?? [];
      const added = values.filter(({ value }) => !present.some((other) => isEqual(other.value, value)));
      if (present.length > 0 && added.length > 0 && !MANY_VALUED.has(keyword)) {
        refuseConjunction(added[0], `${keyword}, which ${present[0].pointer} gives another value`);
      }
      if (present.length + added.length > MAX_JOINED) refuseConjunction(added[0], `more than ${MAX_JOINED} schemas`);
      joined.set(keyword, [...present, ...added]);
    }
  }
  for (const group of Object.values(GROUPS).flat()) {
    const holders = schemas.filter((keywords) => group.some((keyword) => keywords.has(keyword)));
    const dependent = group.find((keyword) => !MANY_VALUED.has(keyword) && joined.has(keyword));
    if (group.length > 1 && holders.length > 1 && dependent !== undefined) {
      const found = `${dependent} in one of several schemas that speak of the same values`;
      refuseConjunction(joined.get(dependent)![0], found);
    }
  }
  return joined;
}

const isEqual = (a: Json, b: Json): boolean => a === b || writeJson(a) === writeJson(b);

function refuseConjunction(place: Located, found: string): never {
  return refuseSchema(place.pointer, found, 'schemas that can be joined', 'Write them as one schema.');
}

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** The types that a schema names; `number` says all that `integer` says beside it. */
export function typesOf(keywords: Keywords): string[] | undefined {
  const located = keywords.get('type')?.[0];
  if (located === undefined) return undefined;
  const types = (Array.isArray(located.value) ? located.value : [located.value]).map((type: Json) => {
    if (typeof type === 'string' && TYPES.includes(type)) return type;
    return refuseSchema(located.pointer, describe(type), `one or more of ${TYPES.join(', ')}`, 'Correct the type.');
  });
  return [...new Set(types)].filter((type) => type !== 'integer' || !types.includes('number'));
}

export function elements(list: Located): Located[] {
  const { value, pointer } = list;
  if (!Array.isArray(value)) return refuseSchema(pointer, describe(value), 'an array', 'Write an array.');
  return value.map((element: Json, i) => ({ value: element, pointer: pointerTo(pointer, i) }));
}

export function record({ value, pointer }: Located, expected: string): JsonObject {
  if (value instanceof Map) return value;
  return refuseSchema(pointer, describe(value), expected, 'Correct the schema.');
}

export function textOf({ value, pointer }: Located, expected: string): string {
  return typeof value === 'string' ? value : refuseSchema(pointer, describe(value), expected, 'Write a string.');
}

export function count(located: Located | undefined): number | undefined {
  if (located === undefined) return undefined;
  const { value, pointer } = located;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  return refuseSchema(pointer, describe(value), 'a whole number, 0 or more', 'Correct the number.');
}

export const describe = (value: Json): string => writeJson(value).slice(0, 80);
