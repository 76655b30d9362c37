/**
 * Variables of a recipe: what stands under `variables` is written elsewhere as `${name}`. A value that is nothing but
 * `${name}` becomes the variable with its type, a number or a list; inside a longer text it is written out. `$${` is a
 * plain `${`.
 */
import { UsageError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../files/json-file.ts';
import { nearest } from '../yaml/near-miss.ts';

type Path = readonly (string | number)[];

/** The form in which a value stands for a variable. */
const VARIABLE = /^\$\{[A-Za-z0-9][A-Za-z0-9_-]*\}$/;
const REFERENCES = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * The document with every variable in its place and `variables` left out. What is not a map of variables is left for the
 * schema to refuse.
 * @param nameField says where something stands
 * @throws UsageError for a variable that is not there or that nothing uses, and for one that does not fit into a text
 */
export function substituteVariables(document: unknown, nameField: (path: Path) => string): unknown {
  if (!isJsonObject(document)) return document;
  const { variables = {}, ...rest } = document;
  if (!isJsonObject(variables)) return document;
  const used = new Set<string>();
  const lookUp = (name: string, path: Path): unknown => {
    if (!Object.hasOwn(variables, name)) throw unknownVariable(name, variables, nameField(path));
    used.add(name);
    return variables[name];
  };
  for (const [name, value] of Object.entries(variables)) refuseReferences(value, nameField(['variables', name]));
  const result = replaceIn(rest, [], { lookUp, nameField });
  const idle = Object.keys(variables).find((name) => !used.has(name));
  if (idle === undefined) return result;
  throw new UsageError({
    field: nameField(['variables', idle]),
    found: 'a variable that nothing uses',
    expected: `\${${idle}} somewhere in the recipe`,
    fix: 'Use it or remove it.',
  });
}

interface Scope {
  readonly lookUp: (name: string, path: Path) => unknown;
  readonly nameField: (path: Path) => string;
}

function replaceIn(value: unknown, path: Path, scope: Scope): unknown {
  if (typeof value === 'string') return replaceText(value, path, scope);
  if (Array.isArray(value)) return value.map((entry, index) => replaceIn(entry, [...path, index], scope));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, replaceIn(inner, [...path, key], scope)]),
  );
}

function replaceText(text: string, path: Path, { lookUp, nameField }: Scope): unknown {
  if (VARIABLE.test(text)) return lookUp(text.slice(2, -1), path);
  return text.replace(REFERENCES, (reference, name: string | undefined) => {
    if (name === undefined) return reference.slice(1);
    const value = lookUp(name, path);
    if (typeof value !== 'object') return String(value);
    throw new UsageError({
      field: nameField(path),
      found: `the variable ${name}, which is ${value === null ? 'null' : 'a list or a map'}, inside a text`,
      expected: 'text or a number',
      fix: `Write \${${name}} alone, or give it another value.`,
    });
  });
}

/** One look is enough to know what a variable is. */
function refuseReferences(value: unknown, field: string): void {
  const text = JSON.stringify(value) ?? '';
  const reference = text.replaceAll('$${', '').match(/\$\{[^}]*\}/)?.[0];
  if (reference === undefined) return;
  const problem = { field, found: `${reference} in a variable`, expected: 'a value' };
  throw new UsageError({ ...problem, fix: 'Write the value out.' });
}

function unknownVariable(name: string, variables: JsonObject, field: string): UsageError {
  const known = Object.keys(variables);
  const meant = nearest(name, known);
  return new UsageError({
    field,
    found: `the variable ${JSON.stringify(name)}`,
    expected: known.length === 0 ? 'no variable, since none is defined' : `one of ${known.join(', ')}`,
    fix: meant === undefined ? 'Define it under variables.' : `Did you mean "${meant}"?`,
  });
}
