import type { GuestReport } from './guest/protocol.ts';

/**
 * How a program ended.
 * - `passed`: the source, and then the check, ran to the last line without an exception. Only this counts as right.
 * - `failed`: an exception, a syntax error, or an end before the last line (`sys.exit(0)` too).
 * - `timeout`: not done within the deadline.
 * - `memory`: it failed after it was refused memory.
 * - `blocked`: it failed after it had reached for something that the sandbox withholds.
 * - `crashed`: it took the interpreter down.
 */
type ProgramStatus = GuestReport['status'] | 'timeout';

export interface ProgramOutcome {
  readonly status: ProgramStatus;
  /** What was printed, cut to the sandbox's limit; nothing where the interpreter did not live to hand it over. */
  readonly stdout: string;
  readonly truncated: boolean;
  /** Empty if passed; else the end of what Python printed on standard error, such as a traceback, or what happened. */
  readonly error: string;
}
