import { expect } from 'vitest';

/** The tags of a page in order, after checking that each one that opens is closed. */
export function tagsOf(html: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  for (const [, slash, name, closed] of html.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/gi)) {
    seen.push(name);
    if (closed === '/' || ['meta', 'br'].includes(name)) continue;
    if (slash === '') open.push(name);
    else expect(name).toBe(open.pop());
  }
  expect(open).toEqual([]);
  return seen;
}
