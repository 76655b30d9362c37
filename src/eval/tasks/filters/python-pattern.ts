/**
 * Regular expressions of task files, which are written for Python's `re`, run by RE2: in time linear in the text, whatever
 * the pattern, because a task file may come from a stranger and an answer from a model.
 *
 * Differences to Python: look-around, back-references, conditions and atomic groups are refused; `\b` knows only
 * ASCII words; `$` without `(?m)` is the end of the text and not also the place before a last newline.
 */
import { RE2JS, RE2JSException } from 're2js';
import { UsageError } from '../../../errors.ts';

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
        expected: 'a regular expression without look-around and back-references',
        fix: 'Write the pattern another way.',
      },
      { cause },
    );
  if (source.length > MAX_PATTERN) throw refuse(`a pattern of ${source.length} characters`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(translated(source));
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw refuse(`${JSON.stringify(source)} (${cause.message})`, cause);
  }
  return {
    findAll(text) {
      const matches: (string | readonly string[])[] = [];
      const matcher = compiled.matcher(text);
      const groups = matcher.groupCount();
      while (matcher.find()) {
        const group = (i: number): string => matcher.group(i) ?? '';
        if (groups < 2) matches.push(group(groups));
        else matches.push(Array.from({ length: groups }, (_, i) => group(i + 1)));
      }
      return matches;
    },
    remove: (text) => compiled.matcher(text).replaceAll(''),
  };
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
