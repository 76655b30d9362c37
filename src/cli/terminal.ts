/** What a command may do to the world outside: print results on stdout, talk on stderr, and notice that it should stop. */
import { explainDiskFull } from '../files/disk-space.ts';
import { wantsColor } from '../observe/color.ts';
import { createProgressLine, type ProgressLine } from '../observe/progress.ts';
import { createStyle, type Style } from './style.ts';

/** The reader of stdout went away (`finery ... | head`): no error, only the end. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** What to end with when stdout takes no more. */
export function explainOutputError(error: NodeJS.ErrnoException): unknown {
  return error.code === 'EPIPE' ? new OutputClosed() : explainDiskFull('stdout', error);
}

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Aborts when the user interrupts; the reason is the error to end with. */
  readonly signal: AbortSignal;
}

export class Terminal {
  /** Print one JSON document instead of text for people. */
  readonly json: boolean;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
  /** Of results. */
  readonly style: Style;
  readonly #talkStyle: Style;
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;

  constructor({ stdout, stderr, json, quiet, signal }: TerminalOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.json = json;
    this.quiet = quiet;
    this.signal = signal;
    this.style = createStyle(!json && wantsColor(stdout));
    this.#talkStyle = createStyle(wantsColor(stderr));
  }

  /** Columns that results may take; unlimited where they do not go to a terminal. */
  get columns(): number {
    return this.#stdout.isTTY ? (this.#stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** Writes to stdout as it is and waits until it is taken. */
  async write(text: string): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      this.#stdout.write(text, (error) => {
        if (error) reject(explainOutputError(error));
        else resolve();
      });
    });
  }

  /** The result: a JSON document with `--json`, else the text. */
  async print(document: unknown, text: () => string): Promise<void> {
    await this.write(this.json ? `${JSON.stringify(document)}\n` : `${text()}\n`);
  }

  /** For people, on stderr. */
  talk(text: string): void {
    if (!this.quiet) this.#stderr.write(`${this.#talkStyle.dim(text)}\n`);
  }

  /** Something that the user should know and that does not stop the command; `--quiet` does not silence it. */
  warn(text: string): void {
    this.#stderr.write(`${this.#talkStyle.yellow('warning')}: ${text}\n`);
  }

  /** What is wrong, on stderr: for commands whose result holds more than one problem. */
  complain(text: (style: Style) => string): void {
    this.#stderr.write(`${text(this.#talkStyle)}\n`);
  }

  progressLine(): ProgressLine {
    return createProgressLine(this.#stderr, { quiet: this.quiet });
  }
}
