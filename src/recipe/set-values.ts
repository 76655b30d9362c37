/** `--set stages.0.cpt.learning_rate=3e-4`: fields changed from the command line, before anything is checked. */
import { UsageError } from '../errors.ts';
import { parseYaml } from '../yaml/yaml-text.ts';

export interface Assignment {
  /** As it was given: `--set a.b=c`. */
  readonly flag: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** @throws UsageError naming the flag when it is not `path=value` with a value in YAML. */
export function parseAssignment(text: string): Assignment {
  const flag = `--set ${text}`;
  const equals = text.indexOf('=');
  const keys = text.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1 || keys.some((key) => key === '' || key === '__proto__')) {
    throw new UsageError({
      field: flag,
      found: equals < 1 ? 'no path and value' : 'an empty or forbidden name in the path',
      expected: 'path=value, such as stages.0.cpt.tokens=200000',
      fix: 'Name the field by its path in the recipe, list entries by their number from 0.',
    });
  }
  const path = keys.map((key) => (/^\d{1,9}$/.test(key) ? Number(key) : key));
  return { flag, path, value: parseYaml(text.slice(equals + 1), flag).value };
}

/**
 * A copy of the document with the value at its path. Objects on the way are made; a list can be changed and grow by one.
 * @throws UsageError naming the flag when the path goes through something that has no fields.
 */
export function assign(document: unknown, assignment: Assignment, depth = 0): unknown {
  const { path, value } = assignment;
  if (depth === path.length) return value;
  const key = path[depth];
  const at = path.slice(0, depth).join('.') || 'the recipe';
  if (Array.isArray(document)) {
    const { length } = document;
    if (typeof key !== 'number' || key > length) {
      const expected =
        length === 0 ? '0, to begin the list' : `an entry from 0 to ${length - 1}, or ${length} to add one`;
      throw refuse(assignment, `entry ${key} of ${at}`, expected);
    }
    return document.toSpliced(key, 1, assign(document[key], assignment, depth + 1));
  }
  if (document !== undefined && document !== null && typeof document !== 'object') {
    throw refuse(assignment, `${JSON.stringify(document)} at ${at}`, 'something with fields');
  }
  const fields: Readonly<Record<string, unknown>> = { ...document };
  const present = Object.hasOwn(fields, key) ? fields[key] : undefined;
  return { ...fields, [key]: assign(present, assignment, depth + 1) };
}

function refuse({ flag }: Assignment, found: string, expected: string): UsageError {
  return new UsageError({ field: flag, found, expected, fix: 'Correct the path.' });
}
