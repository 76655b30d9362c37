/** How Python writes values and what it calls whitespace: templates are written for Jinja2, which is Python's. */

import type { Value } from './jinja-library.ts';
import { COST, LimitError, type Limits } from './limits.ts';

/** Containers that hold each other. */
const MAX_DEPTH = 64;

/** What `str.strip()` takes away. JavaScript's `trim` also takes U+FEFF, and leaves the separators U+001C to U+001F. */
export const PYTHON_SPACES =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

/** What `str(value)` gives; nothing for an undefined value. */
export function pythonText(value: Value, limits: Limits): string {
  if (value.type === 'StringValue') return value.value;
  if (value.type === 'UndefinedValue') return '';
  return representation(value, limits, 0);
}

/** Pays for writing all of a value, which may hold the same parts many times over, indented by `indent` at each depth. */
export function spendOnValue(value: Value, limits: Limits, indent: number, depth = 0): void {
  if (depth > MAX_DEPTH) throw new LimitError(`nests values deeper than ${MAX_DEPTH}`);
  limits.spend(COST.node + indent * (depth + 1));
  if (value.type === 'StringValue') limits.spendText(value.value.length);
  else if (value.value instanceof Map) {
    for (const [key, inner] of value.value) {
      limits.spendText(key.length);
      spendOnValue(inner, limits, indent, depth + 1);
    }
  } else if (Array.isArray(value.value)) {
    for (const inner of value.value) spendOnValue(inner, limits, indent, depth + 1);
  }
}

/** What `repr(value)` gives. */
function representation(value: Value, limits: Limits, depth: number): string {
  if (depth > MAX_DEPTH) throw new LimitError(`nests values deeper than ${MAX_DEPTH}`);
  limits.spend(COST.node);
  const inner = (item: Value): string => representation(item, limits, depth + 1);
  switch (value.type) {
    case 'StringValue':
      limits.spendText(value.value.length);
      return quoted(value.value);
    case 'IntegerValue':
      return String(value.value);
    case 'FloatValue':
      // `toFixed` forgets the sign of zero.
      return Object.is(value.value, -0)
        ? '-0.0'
        : Number.isInteger(value.value)
          ? value.value.toFixed(1)
          : String(value.value);
    case 'BooleanValue':
      return value.value ? 'True' : 'False';
    case 'NullValue':
      return 'None';
    case 'UndefinedValue':
      return 'Undefined';
    case 'ArrayValue':
      return `[${value.value.map(inner).join(', ')}]`;
    case 'TupleValue':
      return value.value.length === 1 ? `(${inner(value.value[0])},)` : `(${value.value.map(inner).join(', ')})`;
    case 'FunctionValue':
      return '<function>';
    default:
      return `{${Array.from(value.value, ([key, item]) => `${quoted(key)}: ${inner(item)}`).join(', ')}}`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t']|(?! )[\p{C}\p{Z}]/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'";
    const code = character.codePointAt(0)!;
    const [mark, digits] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
    return ESCAPES[character] ?? `\\${mark}${code.toString(16).padStart(Number(digits), '0')}`;
  });
  return quote + escaped + quote;
}
