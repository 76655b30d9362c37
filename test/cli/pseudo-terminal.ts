/** Starts the command line in a terminal of its own, as `script` of util-linux makes one, and types into it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

const maker = 'script';

/** Whether there is such a `script` here: that of BSD and macOS takes other options. */
export const hasPseudoTerminal = spawnSync(maker, ['-qec', 'true', '/dev/null']).status === 0;

const patience = 45_000;

export class PseudoTerminal {
  readonly #child: ChildProcess;
  #screen = '';
  #seen = 0;
  #process = '';

  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), main, ...words];
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    this.#child = spawn(maker, ['-qec', `stty cols 100; echo $$ >&3; exec ${quoted}`, '/dev/null'], {
      // Beside the terminal, a way for the command to tell its process id.
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, TERM: 'xterm', FINERY_DEBUG: '', NO_COLOR: '', ...env },
    });
    this.#child.stdio[3]!.on('data', (text: Buffer) => {
      this.#process += text;
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text.replaceAll('\x1b', '␛');
    });
  }

  /** Everything that was written to the terminal, control sequences included, with ␛ for escape. */
  get screen(): string {
    return this.#screen;
  }

  /** The id of the process in the terminal, once it has shown something. */
  process(): number {
    return Number(this.#process);
  }

  type(keys: string): void {
    this.#child.stdin!.write(keys);
  }

  /** Waits until `pattern` comes after what was waited for before, and returns what came up to its end. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + patience;
    for (;;) {
      const rest = this.#screen.slice(this.#seen);
      const match = pattern.exec(rest);
      if (match) {
        const end = match.index + match[0].length;
        this.#seen += end;
        return rest.slice(0, end);
      }
      if (Date.now() > deadline) throw new Error(`${pattern} did not come, but ${JSON.stringify(rest)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The exit code. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const [code] = (await once(this.#child, 'close')) as [number | null];
    return code;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
