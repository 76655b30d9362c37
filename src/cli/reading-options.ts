/** Options of commands that read documents, and the readers' errors in the words of the command line. */
import type { Command } from 'commander';
import type { ReadDocumentsOptions } from '../data/readers/read-documents.ts';
import { InputError, type Problem } from '../errors.ts';
import { wrongValue } from './option-values.ts';

export interface ReadingFlags {
  readonly textField: string;
  readonly textUnit: 'file' | 'paragraph' | 'line';
  readonly skipBroken?: true;
}

const units = ['file', 'paragraph', 'line'] as const;

function textUnit(word: string): (typeof units)[number] {
  const unit = units.find((name) => name === word);
  if (unit) return unit;
  throw wrongValue('--text-unit', JSON.stringify(word), units.join(', '));
}

export function addReadingOptions(command: Command): Command {
  return command
    .option('--text-field <name>', 'field or column that holds the text', 'text')
    .option('--text-unit <unit>', 'what of a .txt file is a document: file, paragraph or line', textUnit, 'file')
    .option('--skip-broken', 'leave out records that cannot be read, and count them');
}

export function readingOptions(flags: ReadingFlags, signal: AbortSignal): ReadDocumentsOptions {
  const { textField, textUnit: unit, skipBroken = false } = flags;
  return { textField, textUnit: unit, onBadLine: skipBroken ? 'skip' : 'error', signal };
}

/** The readers name their own settings; here these are flags. */
const flagNames: readonly (readonly [setting: RegExp, flag: string])[] = [
  [/set onBadLine to 'skip'/g, 'pass --skip-broken'],
  [/\bSet textField to\b/g, 'Pass --text-field with'],
  [/\bSet textUnit to\b/g, 'Pass --text-unit with'],
  [/\btextField\b/g, '--text-field'],
];

/** Runs `read` and names flags instead of settings in what it throws. */
export async function withFlagNames<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const problem: Problem = { ...error.problem, fix: inFlags(error.problem.fix) };
    throw new InputError(problem, { cause: error });
  }
}

const inFlags = (fix: string): string => flagNames.reduce((text, [setting, flag]) => text.replace(setting, flag), fix);
