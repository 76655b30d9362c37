/**
 * YAML from people: bounded, without tags and surprises, and with the line of every field. What comes out is JSON: null, true,
 * false, finite numbers, text, lists, and objects whose keys are text.
 */
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { UsageError } from '../errors.ts';

export interface YamlText {
  readonly value: unknown;
  /** Line, from 1, of the field at a path, or of its nearest ancestor that is there. */
  lineOf(path: readonly (string | number)[]): number;
  /** The same with its column, for messages: `line 9, column 7`. */
  placeOf(path: readonly (string | number)[]): string;
}

/** The parser compares the keys of a map in pairs, so time grows with the square: at this size two seconds at worst. */
export const MAX_YAML_BYTES = 64 * 1024;
const MAX_ALIASES = 50;
const MAX_DEPTH = 32;

export interface YamlOptions {
  /** What scalars with these tags, such as `!function`, stand for. Any other tag is an error. */
  readonly tags?: Readonly<Record<string, (text: string) => unknown>>;
  /** 1.1, in which `yes` and `off` are truth values, is what Python programs write. Default 1.2. */
  readonly version?: '1.1' | '1.2';
}

/** @throws UsageError naming `source` and the line. */
export function parseYaml(text: string, source: string, { tags = {}, version = '1.2' }: YamlOptions = {}): YamlText {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_YAML_BYTES) {
    const found = `${bytes} bytes of YAML`;
    throw refuse(source, found, `at most ${MAX_YAML_BYTES}`, 'Split it, or move lists into files.');
  }
  const lines = new LineCounter();
  const options = {
    lineCounter: lines,
    prettyErrors: false,
    version,
    schema: version === '1.1' ? 'yaml-1.1' : 'core',
    logLevel: 'error',
    customTags: Object.entries(tags).map(([tag, resolve]) => ({ tag, resolve })),
  } as const;
  const document = parseDocument(text, options);
  const at = (offset: number) => `${source}, line ${Math.max(1, lines.linePos(offset).line)}`;
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw refuse(
      at(problem.pos[0]),
      lowerFirst(problem.message),
      `YAML ${version}`,
      'Correct the line, or the one before it.',
    );
  }
  const positionOf = (path: readonly (string | number)[]) => lines.linePos(offsetOf(document.contents, path));
  const lineOf = (path: readonly (string | number)[]) => positionOf(path).line || 1;
  const placeOf = (path: readonly (string | number)[]) => `line ${lineOf(path)}, column ${positionOf(path).col || 1}`;
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    refuseSurprises(value, [], (path, found, expected) => {
      throw refuse(`${source}, line ${lineOf(path)}`, found, expected, 'Write it another way.');
    });
    return { value, lineOf, placeOf };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw refuse(source, 'aliases that unfold beyond measure', `at most ${MAX_ALIASES}`, 'Write it out.');
  }
}

/** Walks what was parsed: an alias can make a circle, a key can be `__proto__`, and YAML knows numbers that JSON does not. */
function refuseSurprises(
  value: unknown,
  path: readonly (string | number)[],
  report: (path: readonly (string | number)[], found: string, expected: string) => void,
): void {
  if (path.length > MAX_DEPTH) report(path, 'endless or very deep nesting', `at most ${MAX_DEPTH} levels`);
  if (typeof value === 'number' && !Number.isFinite(value)) report(path, String(value), 'a finite number');
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const child = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === '__proto__') report(child, 'the key __proto__', 'another name');
    refuseSurprises((value as Record<string, unknown>)[key], child, report);
  }
}

function offsetOf(root: Node | null, path: readonly (string | number)[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key));
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number' && key < node.items.length) {
      node = node.items[key];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function refuse(field: string, found: string, expected: string, fix: string): UsageError {
  return new UsageError({ field, found, expected, fix });
}
