/** Foreign JSON values, checked and copied once: bounded, without prototypes, accessors or broken text. */

import { UsageError } from '../../errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

const MAX_DEPTH = 100;
const MAX_VALUES = 100_000;

/**
 * A copy of a value that consists of null, booleans, finite numbers, text, arrays and plain objects; properties that are
 * undefined are left out, as `JSON.stringify` does. Throws a `UsageError` that names the place by its JSON pointer.
 */
export function readJson(value: unknown, field: string): Json {
  let values = 0;

  const fail = (pointer: string, found: string): never => {
    throw new UsageError({
      field: `${field}${pointer}`,
      found,
      expected: 'a JSON value',
      fix: 'Pass what JSON.parse gives.',
    });
  };

  const wellFormed = (text: string, pointer: string): string =>
    /\p{Surrogate}/u.test(text) ? fail(pointer, 'text with half of a surrogate pair') : text;

  function read(item: unknown, pointer: string, depth: number): Json {
    if (depth > MAX_DEPTH) return fail(pointer, `values nested deeper than ${MAX_DEPTH}`);
    if (++values > MAX_VALUES) return fail(pointer, `more than ${MAX_VALUES} values`);
    if (item === null || typeof item === 'boolean') return item;
    if (typeof item === 'string') return wellFormed(item, pointer);
    if (typeof item === 'number') return Number.isFinite(item) ? item : fail(pointer, String(item));
    if (Array.isArray(item)) return Array.from(item, (member, i) => read(member, pointerTo(pointer, i), depth + 1));
    if (typeof item !== 'object' || ![null, Object.prototype].includes(Object.getPrototypeOf(item))) {
      return fail(pointer, typeof item === 'object' ? 'an object of a class' : typeof item);
    }
    const members = new Map<string, Json>();
    for (const [key, member] of Object.entries(item)) {
      const place = pointerTo(pointer, wellFormed(key, pointer));
      if (member !== undefined) members.set(key, read(member, place, depth + 1));
    }
    return members;
  }

  return read(value, '#', 0);
}

/** Extends a JSON pointer in its URI fragment form, unencoded but for `~` and `/` (RFC 6901). */
export function pointerTo(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** As `JSON.stringify`. */
export function writeJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
