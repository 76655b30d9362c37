/** Deeper than any honest file, and far from what exhausts the stack of code that looks at a value recursively. */
const mostLevels = 256;

/** `JSON.parse` of a text from elsewhere. @throws SyntaxError for broken JSON, and for lists and objects within each other without end */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > mostLevels) throw new SyntaxError(`more than ${mostLevels} levels of lists and objects`);
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return value;
}
