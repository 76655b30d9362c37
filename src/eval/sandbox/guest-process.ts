/**
 * One operating-system process that interprets one Python program and ends. It gets no environment, no arguments of ours
 * beyond its setting, no file but its own code, and on Node's side no permission to write, to start processes or threads
 * or to make code of strings.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { ANSWERS, type GuestJob, type GuestSetting, READY } from './guest/protocol.ts';
import type { GuestProgram } from './guest-program.ts';
import type { ProgramOutcome } from './outcome.ts';

/** Starting an interpreter; generous, because a busy machine is no fault of the program's. */
const START_DEADLINE_MS = 60_000;
/** Of JavaScript's heap, where Python keeps next to nothing. */
const HEAP_MIB = 256;
/** A snapshot has 30 MiB; nothing that a guest says is longer. */
const MAX_ANSWER = 256 * 2 ** 20;
const MAX_COMPLAINT = 4_096;

const reportSchema = z.object({
  status: z.enum(['passed', 'failed', 'memory', 'blocked', 'crashed']),
  stdout: z.string(),
  truncated: z.boolean(),
  error: z.string(),
});

export interface GuestOptions {
  readonly program: GuestProgram;
  readonly setting: GuestSetting;
  /** Where it runs, and may read. */
  readonly folder: string;
  /** Seconds of processor time after which the system ends it, even if this process is gone by then. */
  readonly processorSeconds: number;
}

export class GuestProcess {
  readonly #child: ChildProcess;
  readonly #answers: Buffer[] = [];
  readonly #ended: Promise<void>;
  #answered = 0;
  #complaint = '';
  #wake: () => void = () => undefined;
  #over = false;
  /** Whether the answers hold a whole line. */
  #hasLine = false;

  private constructor(options: GuestOptions) {
    this.#child = spawnGuest(options);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#over = true;
        resolve();
        this.#wake();
      };
      this.#child.once('error', (error) => {
        this.#complaint = error.message;
        end();
      });
      this.#child.once('close', end);
    });
    // A guest that dies before it has read its job.
    this.#stream<Writable>(0).on('error', () => undefined);
    this.#stream<Readable>(2).on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-MAX_COMPLAINT);
    });
    this.#stream<Readable>(ANSWERS).on('data', (chunk: Buffer) => {
      this.#answered += chunk.length;
      if (this.#answered > MAX_ANSWER) return this.kill();
      this.#answers.push(chunk);
      if (chunk.includes('\n')) this.#hasLine = true;
      this.#wake();
    });
  }

  /** The memory of an interpreter that has started, for settings of other guests. */
  static async makeSnapshot(options: GuestOptions): Promise<Buffer> {
    const guest = new GuestProcess(options);
    await guest.#within(START_DEADLINE_MS, () => guest.#over);
    if (guest.#answered === 0 || guest.#child.exitCode !== 0) throw guest.#notStarted();
    return Buffer.concat(guest.#answers);
  }

  /** An interpreter that waits for its job. */
  static async start(options: GuestOptions): Promise<GuestProcess> {
    const guest = new GuestProcess(options);
    await guest.#within(START_DEADLINE_MS, () => guest.#over || guest.#hasLine);
    if (guest.#takeLine() !== READY) {
      guest.kill();
      await guest.#ended;
      throw guest.#notStarted();
    }
    return guest;
  }

  /** The one program of this guest. The deadline, in milliseconds, counts from here. */
  async run(job: GuestJob, deadlineMs: number): Promise<ProgramOutcome> {
    this.#stream<Writable>(0).end(JSON.stringify(job));
    await this.#within(deadlineMs, () => this.#over || this.#hasLine);
    const late = !this.#over && !this.#hasLine;
    this.kill();
    await this.#ended;
    const nothing = { stdout: '', truncated: false };
    if (late) return { status: 'timeout', ...nothing, error: `not done within ${deadlineMs / 1_000} s` };
    const report = reportSchema.safeParse(parseJson(this.#takeLine()));
    if (report.success) return report.data;
    const outOfHeap = /heap out of memory|out of memory/i.test(this.#complaint);
    return { status: outOfHeap ? 'memory' : 'crashed', ...nothing, error: this.#end() };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  /** The answers' first line that was not taken yet, '' if there is none. */
  #takeLine(): string {
    const text = Buffer.concat(this.#answers.splice(0)).toString('utf8');
    const end = text.indexOf('\n');
    if (end < 0) return '';
    const rest = text.slice(end + 1);
    this.#answers.push(Buffer.from(rest));
    this.#hasLine = rest.includes('\n');
    return text.slice(0, end);
  }

  /** Waits until the condition holds or the time is over; the condition is looked at whenever something happens. */
  async #within(ms: number, condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!condition()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #notStarted(): Error {
    return new Error(`The Python interpreter does not start: ${this.#end()}`);
  }

  #end(): string {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode ?? `exit code ${exitCode}`;
    return `the process ended with ${how}${this.#complaint && `: ${this.#complaint.trim()}`}`;
  }

  #stream<Stream extends Readable | Writable>(descriptor: number): Stream {
    return this.#child.stdio[descriptor] as Stream;
  }
}

function spawnGuest({ program, setting, folder, processorSeconds }: GuestOptions): ChildProcess {
  // Node aborts on a path that it is given twice.
  const readable = [...new Set([program.folder, folder, setting.pyodide])].map((path) => `--allow-fs-read=${path}/*`);
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const command = [
    process.execPath,
    permission,
    ...readable,
    '--disallow-code-generation-from-strings',
    '--experimental-vm-modules',
    '--no-addons',
    '--no-warnings',
    `--max-old-space-size=${HEAP_MIB}`,
    program.entry,
    JSON.stringify(setting),
  ];
  // No core dumps, no files, and an end even if nobody is left who would kill it.
  const limited = [
    '/bin/sh',
    '-c',
    `ulimit -c 0; ulimit -f 0; ulimit -t ${processorSeconds}; exec "$@"`,
    'sh',
    ...command,
  ];
  const [file, ...args] = process.platform === 'win32' ? command : limited;
  return spawn(file!, args, { cwd: folder, env: {}, stdio: ['pipe', 'ignore', 'pipe', 'pipe'], windowsHide: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
