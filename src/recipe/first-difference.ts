/** Where two documents differ, for people: the first field in the order of the document. */

export interface Difference {
  readonly path: readonly (string | number)[];
  /** Undefined where there is nothing. */
  readonly left: unknown;
  readonly right: unknown;
}

/** Compares JSON values. The order of keys counts too, but after everything else: it decides between equals in a mixture. */
export function firstDifference(left: unknown, right: unknown): Difference | undefined {
  return compareValues(left, right, []) ?? compareOrder(left, right, []);
}

function compareValues(left: unknown, right: unknown, path: Difference['path']): Difference | undefined {
  if (!isComposite(left) || !isComposite(right) || Array.isArray(left) !== Array.isArray(right)) {
    return Object.is(left, right) ? undefined : { path, left, right };
  }
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const difference = compareValues(field(left, key), field(right, key), [...path, key]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function compareOrder(left: unknown, right: unknown, path: Difference['path']): Difference | undefined {
  if (!isComposite(left) || !isComposite(right)) return undefined;
  const [a, b] = [Object.keys(left), Object.keys(right)];
  if (a.some((key, index) => key !== b[index])) return { path, left: a, right: b };
  for (const key of a) {
    const difference = compareOrder(field(left, key), field(right, key), [...path, key]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

type Composite = Readonly<Record<string, unknown>>;

function isComposite(value: unknown): value is Composite {
  return typeof value === 'object' && value !== null;
}

function field(value: Composite, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
