/** The command line as a whole: parses, runs the command, reports how it went. */
import { Command } from 'commander';
import { FineryError, InterruptedError } from '../errors.ts';
import { wantsColor } from '../observe/color.ts';
import { reportError } from './report-error.ts';
import { createStyle } from './style.ts';
import { explainOutputError, Terminal } from './terminal.ts';
import type { Verb, VerbGroup } from './verb.ts';
import { addVerbs } from './verb.ts';
import { verbs as allVerbs } from './verbs.ts';

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

const epilogue = `
Results go to stdout, everything else to stderr. NO_COLOR=1 turns colours off.

Exit codes:
  0    done
  1    internal fault
  2    wrong usage or configuration
  3    bad input: data, checkpoint, tokenizer
  4    gate not passed
  130  interrupted, state saved`;

/**
 * Runs one command line.
 * @param words what follows `finery`
 * @returns the exit code
 */
export async function runProgram(
  words: readonly string[],
  { stdout, stderr }: Streams,
  version: string,
  verbs: readonly (Verb | VerbGroup)[] = allVerbs,
): Promise<number> {
  const interruption = listenForInterruption({ stdout, stderr });
  const { signal } = interruption;
  const program = createProgram({ stdout, stderr }, version);
  const open = (): Terminal => {
    const { json = false, quiet = false } = program.opts<{ json?: boolean; quiet?: boolean }>();
    return new Terminal({ stdout, stderr, signal, json, quiet });
  };
  addVerbs(program, verbs, open);
  try {
    await program.parseAsync(rewriteHelp(words), { from: 'user' });
    return 0;
  } catch (thrown) {
    // What an interrupted command throws on its way out matters less than that it was interrupted, unless it is for the
    // user: where the state was saved, or why it could not be.
    const error = signal.aborted && !(thrown instanceof FineryError) ? signal.reason : thrown;
    const report = reportError(error, createStyle(wantsColor(stderr)));
    if (report.text !== undefined) stderr.write(`${report.text}\n`);
    if (report.document && words.includes('--json')) stdout.write(`${JSON.stringify(report.document)}\n`);
    return report.exitCode;
  } finally {
    interruption.stop();
  }
}

function createProgram({ stdout, stderr }: Streams, version: string): Command {
  const colors = createStyle(true);
  const program = new Command('finery')
    .description('Builds finance language models end to end on one machine.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'print one JSON document instead of text, also for errors')
    .option('--quiet', 'no progress and no remarks on stderr')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', ({ command }) => (command.parent ? '' : epilogue))
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: colors.bold,
      styleCommandText: colors.cyan,
      styleSubcommandTerm: colors.cyan,
      styleOptionTerm: colors.green,
      styleArgumentTerm: colors.green,
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Errors are reported once, where all errors are.
      outputError: () => {},
      getOutHasColors: () => wantsColor(stdout),
      getErrHasColors: () => wantsColor(stderr),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    });
  return program;
}

/** `finery help data inspect` is `finery data inspect --help`. */
function rewriteHelp(words: readonly string[]): readonly string[] {
  return words[0] === 'help' ? [...words.slice(1), '--help'] : words;
}

/**
 * The first Ctrl-C (or termination) asks the command to stop in good order; the second one, whose handler is the
 * system's again, ends the process at once. A reader of stdout that has gone away stops the command too.
 */
function listenForInterruption({ stdout, stderr }: Streams): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void =>
    controller.abort(
      new InterruptedError({
        field: 'finery',
        found: `stopped by ${name}`,
        expected: 'an end of its own',
        fix: 'Nothing half-written was left behind; run the command again.',
      }),
    );
  const onClosed = (error: NodeJS.ErrnoException): void => controller.abort(explainOutputError(error));
  const ignore = (): void => {};
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.once(name, interrupt);
  stdout.on('error', onClosed);
  stderr.on('error', ignore);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, interrupt);
      // The streams keep their listeners: an error may still arrive after the last write.
    },
  };
}
