/** References from one place of a schema to another. */

import { type Json, pointerTo } from './json-document.ts';
import { describe, type Located, refuseSchema } from './schema-keywords.ts';

/** The schema that a reference names: `#`, or `#` and a JSON pointer (RFC 6901) in this document. */
export function resolveReference(root: Located, reference: Located): Located {
  const { value, pointer } = reference;
  const expected = 'a JSON pointer into this schema, such as #/$defs/name';
  const fail = (found: string): never => refuseSchema(pointer, found, expected, 'Put the schema under $defs.');
  if (typeof value !== 'string') return fail(describe(value));
  if (!/^#(?:\/|$)/.test(value)) return fail(`the reference ${describe(value)}`);
  let at = root;
  for (const token of value.split('/').slice(1)) {
    const key = unescapeToken(token) ?? fail(`the reference ${describe(value)}`);
    const next = member(at.value, key);
    if (next === undefined) return fail(`the reference ${describe(value)}, which leads nowhere`);
    at = { value: next, pointer: pointerTo(at.pointer, key) };
  }
  return at;
}

/** A token of a pointer in a URI fragment: percent-encoded, with `~0` for `~` and `~1` for `/`. */
function unescapeToken(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}

function member(value: Json, key: string): Json | undefined {
  if (value instanceof Map) return value.get(key);
  return Array.isArray(value) && /^(?:0|[1-9]\d{0,8})$/.test(key) ? value[Number(key)] : undefined;
}
