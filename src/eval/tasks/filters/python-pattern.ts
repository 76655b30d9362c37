/**
 * Regular expressions of task files, which are written for Python's `re`, run by RE2: in time linear in the text, whatever
 * the pattern, because a task file may come from a stranger and an answer from a model.
 *
 * Differences to Python: back-references, conditions and atomic groups are refused, and so is look-ahead that is negative,
 * of unbounded length, or followed by more; `\b` knows only ASCII words; `$` that is followed by more is the end of the text
 * and not also the place before a last newline.
 */
import { RE2JS, RE2JSException } from 're2js';
import { UsageError } from '../../../errors.ts';
import { withLookAhead } from './look-ahead.ts';

const MAX_PATTERN = 4_096;

/** What Python's classes stand for in text, where RE2 knows only ASCII; as the inside of a bracket. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{N}_',
  s: '\\t-\\r\\x1c-\\x20\\x{85}\\p{Z}',
};

export interface PythonPattern {
  /** As `re.findall`: whole matches if there are no groups, else the groups of each match, '' for one without a part. */
  findAll(text: string): readonly (string | readonly string[])[];
  /** `re.sub(pattern, '', text)`. */
  remove(text: string): string;
}

/** @throws UsageError naming `field`. */
export function pythonPattern(source: string, field: string): PythonPattern {
  const refuse = (found: string, cause?: unknown) =>
    new UsageError(
      {
        field,
        found,
        expected: 'a regular expression without back-references, and with look-ahead only at its end',
        fix: 'Write the pattern another way.',
      },
      { cause },
    );
  if (source.length > MAX_PATTERN) throw refuse(`a pattern of ${source.length} characters`);
  const { source: ending, aheads } = withLookAhead(translated(source));
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(ending, RE2JS.LOOKBEHINDS);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw refuse(`${JSON.stringify(source)} (${cause.message})`, cause);
  }
  const named = compiled.namedGroups();
  const hidden = new Set(aheads.map((name) => named[name]));
  const groups = Array.from({ length: compiled.groupCount() }, (_, i) => i + 1).filter((group) => !hidden.has(group));
  return {
    findAll(text) {
      const matches: (string | readonly string[])[] = [];
      for (const { matcher, end } of matchesIn(compiled, aheads, text)) {
        const part = (group: number): string => {
          const start = matcher.start(group);
          return start < 0 ? '' : text.slice(start, Math.min(matcher.end(group), end));
        };
        matches.push(groups.length < 2 ? part(groups[0] ?? 0) : groups.map(part));
      }
      return matches;
    },
    remove(text) {
      let kept = '';
      let from = 0;
      for (const { matcher, end } of matchesIn(compiled, aheads, text)) {
        kept += text.slice(from, matcher.start());
        from = end;
      }
      return kept + text.slice(from);
    },
  };
}

type Matcher = ReturnType<RE2JS['matcher']>;

/** Every match without what it only looks at, and where it ends; the next one is looked for from there. */
function* matchesIn(
  compiled: RE2JS,
  aheads: readonly string[],
  text: string,
): Generator<{ readonly matcher: Matcher; readonly end: number }> {
  const matcher = compiled.matcher(text);
  let from = 0;
  while (from <= text.length && (aheads.length === 0 ? matcher.find() : matcher.find(from))) {
    const looked = aheads.map((name) => matcher.start(name)).find((start) => start >= 0);
    const end = looked ?? matcher.end();
    yield { matcher, end };
    from = end > matcher.start() ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
  }
}

/** The pattern in RE2's syntax: Unicode classes, and the end of the text by its other name. */
function translated(source: string): string {
  let inClass = false;
  return source.replace(/\\[\s\S]|\[\^?\]?|\]/gu, (part) => {
    if (part.startsWith('[') && !inClass) {
      inClass = true;
      // A bracket that comes first is a character of the class in Python as in RE2.
      return part;
    }
    if (part === ']') {
      inClass = false;
      return part;
    }
    if (part === '\\Z' && !inClass) return '\\z';
    const letter = part[1];
    const meaning = part.startsWith('\\') ? CLASSES[letter.toLowerCase()] : undefined;
    if (meaning === undefined) return part;
    if (letter === letter.toLowerCase()) return inClass ? meaning : `[${meaning}]`;
    return inClass ? part : `[^${meaning}]`;
  });
}
