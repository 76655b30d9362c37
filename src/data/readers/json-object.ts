/** One JSON object of a data file, or a bad record that says what is there instead. */

import type { FileContext } from './document.ts';

const EXCERPT = 60;

export function parseObject(text: string, line: number, context: FileContext): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}...` : text;
    context.bad({ line, found: `${JSON.stringify(excerpt)}, which is not JSON`, expected: 'a JSON object' });
    return undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  context.bad({ line, found: describe(value), expected: 'a JSON object' });
  return undefined;
}

/** Names a value's kind for a message: "a number", "an array", "null". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
