/**
 * What the sandbox and the process that interprets Python, the guest, tell each other. The sandbox gives the guest its
 * setting as an argument and one job on standard input; the guest answers on descriptor 3, which no program can reach:
 * first `ready`, then one report, each on a line of its own. Asked for a snapshot, it answers with the snapshot's bytes.
 */

export interface GuestSetting {
  /** Folder of the `pyodide` package. */
  readonly pyodide: string;
  /** Memory of an interpreter that has started, to begin from. Without it the guest makes one and ends. */
  readonly snapshot?: string;
  /** Bytes of memory that the interpreter may have. */
  readonly memory: number;
  /** Bytes that its files, all in memory, may have. */
  readonly files: number;
  /** Bytes kept of standard output, from its beginning, and of standard error, from its end. */
  readonly output: number;
}

export interface GuestJob {
  readonly source: string;
  /** Runs after the source, in its namespace, only if the source has ended well. */
  readonly check?: string;
  readonly stdin: string;
}

export interface GuestReport {
  readonly status: 'passed' | 'failed' | 'memory' | 'blocked' | 'crashed';
  readonly stdout: string;
  /** Whether standard output was longer than what was kept of it. */
  readonly truncated: boolean;
  /** Why it has not passed: what Python printed on standard error. */
  readonly error: string;
}

export const READY = 'ready';
/** Descriptor of the guest's answers. */
export const ANSWERS = 3;
