/** How errors end a command: what is written about them, and the exit code. */
import { CommanderError } from 'commander';
import { FineryError, InputError, InterruptedError, type Problem, UsageError } from '../errors.ts';
import { createStyle, printable, type Style } from './style.ts';
import { OutputClosed } from './terminal.ts';

const internalFault = 1;

export interface ErrorReport {
  readonly exitCode: number;
  /** For stderr; undefined where there is nothing to say. */
  readonly text?: string;
  /** For stdout with `--json`. */
  readonly document?: { readonly error: Problem };
}

/** The command has printed its result, and that result is a failure: nothing is left to say but the exit code. */
export class Reported extends Error {
  override readonly name = 'Reported';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Problems in four lines: where, then what was found, what was expected, and what to do. */
export function formatProblem({ field, found, expected, fix }: Problem, { bold, dim, red }: Style): string {
  return [
    `${red('error')}: ${bold(printable(field))}`,
    `  ${dim('found')}     ${printable(found)}`,
    `  ${dim('expected')}  ${printable(expected)}`,
    `  ${dim('fix')}       ${printable(fix)}`,
  ].join('\n');
}

/** No mistake of anybody's: one line. */
function formatInterruption({ found, fix }: Problem, { yellow }: Style): string {
  return `${yellow('interrupted')}: ${printable(found)}. ${printable(fix)}`;
}

export function reportError(thrown: unknown, style: Style = createStyle(false)): ErrorReport {
  if (thrown instanceof OutputClosed) return { exitCode: 0 };
  if (thrown instanceof Reported) return { exitCode: thrown.exitCode };
  // Commander has printed the help or the version already.
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return { exitCode: 0 };
  const error = translate(thrown);
  if (!(error instanceof FineryError)) return reportInternalFault(error, style);
  const { exitCode, problem } = error;
  // A command that is missing has been answered with the help.
  const isAnswered = thrown instanceof CommanderError && thrown.code === 'commander.help';
  const format = error instanceof InterruptedError ? formatInterruption : formatProblem;
  return { exitCode, text: isAnswered ? undefined : format(problem, style), document: { error: problem } };
}

/** Errors of the operating system and of the option parser, as errors of ours. */
function translate(error: unknown): unknown {
  if (error instanceof CommanderError) return fromCommander(error);
  if (isSystemError(error) && error.path !== undefined) return fromSystem(error, error.path);
  return error;
}

function fromCommander({ message, code }: CommanderError): UsageError {
  const [found, suggestion] = message.replace(/^error: /, '').split('\n');
  const expected: Readonly<Record<string, string>> = {
    'commander.unknownCommand': 'a command that finery has',
    'commander.unknownOption': 'an option that the command has',
    'commander.excessArguments': 'fewer arguments (quote a text that has spaces)',
  };
  const hint = suggestion?.replace(/^\(|\)$/g, '');
  return new UsageError({
    field: 'command line',
    found: code === 'commander.help' ? 'no command' : found,
    expected: expected[code] ?? 'what the help of the command asks for',
    fix: `${hint ? `${hint} ` : ''}Run the command with --help to see what it takes.`,
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

const systemProblems: Readonly<Record<string, readonly [found: string, expected: string]>> = {
  ENOENT: ['no such file or folder', 'a path that exists'],
  EEXIST: ['a file where a folder should be', 'a folder, or nothing'],
  ENOTDIR: ['a file where a folder should be', 'a folder'],
  EISDIR: ['a folder', 'a file'],
  EACCES: ['no permission to use it', 'a path that this user may use'],
  EPERM: ['no permission to use it', 'a path that this user may use'],
  ENAMETOOLONG: [
    'a name that is too long',
    'a shorter one: while a result is written, its name has a few letters more',
  ],
  EROFS: ['a file system that cannot be written to', 'a folder that can be written to'],
};

const writingCalls: ReadonlySet<string | undefined> = new Set(['mkdir', 'mkdtemp', 'rename', 'rm', 'write']);

/** What the system refuses about a path is a matter of the path; anything else it says is passed on as a fault. */
function fromSystem(error: NodeJS.ErrnoException, path: string): unknown {
  const known = systemProblems[error.code ?? ''];
  if (!known) return error;
  const [found, expected] = known;
  const problem = { field: path, found, expected, fix: 'Check the path and its permissions.' };
  return writingCalls.has(error.syscall)
    ? new UsageError(problem, { cause: error })
    : new InputError(problem, { cause: error });
}

function reportInternalFault(error: unknown, { red, dim }: Style): ErrorReport {
  const message = error instanceof Error ? error.message : String(error);
  const fix = 'This is a fault of finery, not yours. Set FINERY_DEBUG=1 to see where it happened.';
  const stack = process.env.FINERY_DEBUG && error instanceof Error ? `\n${error.stack}` : '';
  return {
    exitCode: internalFault,
    text: `${red('internal fault')}: ${printable(message)}\n  ${dim(fix)}${stack}`,
    document: { error: { field: 'finery', found: message, expected: 'no fault', fix } },
  };
}
