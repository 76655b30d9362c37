/**
 * Runs Python programs that nobody has read, such as those that models write: CPython compiled to WebAssembly (Pyodide),
 * each program in an interpreter and a process of its own. Four walls stand around a program:
 *
 * 1. WebAssembly: Python sees the memory and the imported functions of its module, and files that live in memory.
 * 2. The import table (`guest/withheld.ts`): sockets, processes, loading code and the bridge to JavaScript are closed
 *    before the program's first line.
 * 3. The realm (`guest/realm.ts`): the JavaScript of the interpreter has nothing but the language itself, without
 *    making code of strings.
 * 4. The process (`guest-process.ts`): no environment, Node's permission model, limits of heap, processor and time.
 *
 * Not covered: faults of V8 and of Node themselves, time as a side channel, and a program that cheats whoever checks it.
 * A check runs beside the program, so an object that is equal to everything passes it; ending early, printing, or
 * swallowing the check's text does not. Threads, `asyncio` and subprocesses do not exist.
 */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { GuestJob } from './guest/protocol.ts';
import { type GuestOptions, GuestProcess } from './guest-process.ts';
import { prepareGuestProgram } from './guest-program.ts';
import type { ProgramOutcome } from './outcome.ts';
import { findPyodide } from './pyodide-package.ts';

export interface PythonSandboxOptions {
  /** Seconds that a program may take, from when it starts. Default 10. */
  readonly deadline?: number;
  /** Bytes of memory of a program's interpreter, which itself takes 30 MiB. Default 512 MiB. */
  readonly memory?: number;
  /** Bytes kept of what a program prints: the first ones of its output, the last ones of its errors. Default 1 MiB. */
  readonly output?: number;
  /** Programs that run at the same time; as many interpreters wait for the next ones. Default: the processor's cores. */
  readonly processes?: number;
}

export interface ProgramOptions {
  /** What the program reads on standard input. Default: nothing. */
  readonly stdin?: string;
  /**
   * Python that runs in the program's namespace after its last line, such as a benchmark's tests. It is compiled by
   * itself, so that nothing in the program can comment it out.
   */
  readonly check?: string;
}

const MIB = 2 ** 20;
/** Of a program's files, which live outside of its interpreter's memory. */
const MAX_FILES = 64 * MIB;
/** Characters of all text of a program, with its check: more than a model should write. */
export const MAX_PROGRAM_TEXT = 16 * MIB;

export class PythonSandbox {
  readonly #limits: Required<PythonSandboxOptions>;
  readonly #waiting: (() => void)[] = [];
  /** All that have not ended. */
  readonly #guests = new Set<Promise<GuestProcess>>();
  /** Those that nobody has taken, the oldest first. */
  readonly #warm: Promise<GuestProcess>[] = [];
  #busy = 0;
  #prepared: Promise<GuestOptions> | undefined;
  #folder: string | undefined;
  #closed = false;

  /** Throws `UsageError` on limits that make no sense. Nothing starts before the first program. */
  constructor(options: PythonSandboxOptions = {}) {
    this.#limits = {
      deadline: bounded('deadline', options.deadline ?? 10, 0.01, 86_400),
      memory: bounded('memory', options.memory ?? 512 * MIB, 64 * MIB, 4_096 * MIB),
      output: bounded('output', options.output ?? MIB, 0, 16 * MIB),
      processes: bounded('processes', options.processes ?? availableParallelism(), 1, 64),
    };
  }

  /**
   * Programs of one sandbox share nothing. Their `random` and hashes begin from the same state each time, so a program
   * that does not look at the clock gives the same result again.
   *
   * Throws `UsageError` if Pyodide is not installed, the text is too long or the sandbox is closed.
   */
  async run(source: string, { stdin = '', check }: ProgramOptions = {}): Promise<ProgramOutcome> {
    assertText(source.length + stdin.length + (check?.length ?? 0));
    await this.#enter();
    try {
      const options = await this.#options();
      this.#assertOpen();
      const starting = this.#takeGuest(options);
      try {
        const guest = await starting;
        this.#assertOpen();
        return await guest.run({ source, stdin, check } satisfies GuestJob, this.#limits.deadline * 1_000);
      } finally {
        this.#guests.delete(starting);
      }
    } finally {
      this.#leave();
    }
  }

  /** Ends what still runs, as `crashed`, and removes all traces. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await this.#prepared?.catch(() => undefined);
    const guests = await Promise.allSettled(this.#guests);
    await Promise.all(guests.map((guest) => (guest.status === 'fulfilled' ? guest.value.close() : undefined)));
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #enter(): Promise<void> {
    while (!this.#closed && this.#busy >= this.#limits.processes) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#assertOpen();
    this.#busy += 1;
  }

  #leave(): void {
    this.#busy -= 1;
    this.#waiting.shift()?.();
  }

  /** The guest that started first. Behind it the next ones start. */
  #takeGuest(options: GuestOptions): Promise<GuestProcess> {
    const guest = this.#warm.shift() ?? this.#startGuest(options);
    while (this.#warm.length < this.#limits.processes) this.#warm.push(this.#startGuest(options));
    return guest;
  }

  #startGuest(options: GuestOptions): Promise<GuestProcess> {
    const guest = GuestProcess.start(options);
    // Whoever takes it sees the error; a sandbox that is closed before does not want to know.
    guest.catch(() => undefined);
    this.#guests.add(guest);
    return guest;
  }

  #options(): Promise<GuestOptions> {
    this.#prepared ??= this.#prepare();
    return this.#prepared;
  }

  /** What all guests need: a folder with their code, where the sources run, and with the snapshot they begin from. */
  async #prepare(): Promise<GuestOptions> {
    const pyodide = await findPyodide();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'finery-python-')));
    this.#folder = folder;
    const { memory, output, deadline } = this.#limits;
    const options: GuestOptions = {
      program: await prepareGuestProgram(folder),
      setting: { pyodide, memory, files: MAX_FILES, output },
      folder,
      processorSeconds: Math.ceil(2 * deadline) + 120,
    };
    const snapshot = join(folder, 'snapshot');
    await writeFile(snapshot, await GuestProcess.makeSnapshot(options), { mode: 0o600 });
    return { ...options, setting: { ...options.setting, snapshot } };
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new UsageError({
      field: 'sandbox',
      found: 'closed',
      expected: 'an open one',
      fix: 'Run programs before close(), or make another sandbox.',
    });
  }
}

function bounded(field: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new UsageError({
    field,
    found: String(value),
    expected: `between ${least} and ${most}`,
    fix: 'Choose a limit in this range.',
  });
}

function assertText(characters: number): void {
  if (characters <= MAX_PROGRAM_TEXT) return;
  throw new UsageError({
    field: 'source',
    found: `${characters} characters of program, input and check`,
    expected: `at most ${MAX_PROGRAM_TEXT}`,
    fix: 'Let the program make large data itself.',
  });
}
