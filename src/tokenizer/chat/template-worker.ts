/**
 * Templates run in a worker thread, because JavaScript that does not end can only be ended from outside: a template that
 * is not done within the deadline is stopped together with its thread, and the next request starts another one. What
 * a template may use up within that time is bounded by `limits.ts`. The thread sees no environment variables, and keeps
 * no process alive while it has nothing to do.
 */

import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Far more than `limits.ts` lets a template fill. Beyond it V8 may abort the process, thread or not. */
const MAX_HEAP_MIB = 1_024;
/** Enough for the nesting that `limits.ts` allows. */
const STACK_MIB = 8;
/** Loading the worker's code; generous, because a busy machine is no fault of a template's. */
const START_DEADLINE_MS = 60_000;

/** The template did not end in time, or took its thread down. */
export class WorkerStoppedError extends Error {}

export class TemplateWorker<Request, Reply> {
  readonly #entry: URL;
  readonly #deadlineMs: number;
  #worker: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param entry the worker's compiled file, `.js`; beside it lies its source, `.ts`, where sources are run */
  constructor(entry: URL, deadlineMs: number) {
    this.#entry = entry;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * One request after the other; the deadline counts from when a request's turn has come. Throws `WorkerStoppedError`, or
   * the signal's reason as soon as it is aborted: a request that is under way then ends with its thread.
   */
  async render(request: Request, signal?: AbortSignal): Promise<Reply> {
    signal?.throwIfAborted();
    const reply = this.#queue.then(() => this.#send(request, signal));
    this.#queue = reply.catch(() => undefined);
    if (!signal) return reply;
    const waiting = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: waiting.signal });
    });
    try {
      return await Promise.race([reply, aborted]);
    } finally {
      waiting.abort();
    }
  }

  /** Ends the thread. A later request starts another one. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #send(request: Request, signal: AbortSignal | undefined): Promise<Reply> {
    if (this.#worker === undefined) {
      const started = startWorker(this.#entry);
      this.#worker = started;
      // However the thread ends, the next request starts another one.
      started.on('error', () => undefined);
      started.once('exit', () => {
        if (this.#worker === started) this.#worker = undefined;
      });
      await this.#reply(started, START_DEADLINE_MS).catch((cause: unknown) => {
        throw new Error('The worker for templates does not start.', { cause });
      });
    }
    // Perhaps while others were rendered or the thread started, which now serves the next.
    signal?.throwIfAborted();
    const worker = this.#worker;
    worker.postMessage(request);
    return (await this.#reply(worker, this.#deadlineMs, signal)) as Reply;
  }

  /** The next message of the worker. On any failure the worker is given up. */
  async #reply(worker: Worker, deadlineMs: number, signal?: AbortSignal): Promise<unknown> {
    worker.ref();
    const waiting = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        const stop = (reason: string, cause?: unknown): void => reject(new WorkerStoppedError(reason, { cause }));
        const timer = setTimeout(() => stop(`takes longer than ${deadlineMs / 1_000} s`), deadlineMs);
        const onError = (error: Error): void => stop(`stops its thread (${error.message})`, error);
        const onExit = (): void => stop('is stopped, because its worker was closed');
        worker.once('message', resolve).once('error', onError).once('exit', onExit);
        signal?.addEventListener('abort', () => reject(signal.reason), { signal: waiting.signal });
        waiting.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          worker.off('message', resolve).off('error', onError).off('exit', onExit);
        });
      });
    } catch (error) {
      await worker.terminate();
      throw error;
    } finally {
      waiting.abort();
      worker.unref();
    }
  }
}

/** Compiled, a worker is started as it is; where the sources themselves run, as in tests, a thread has to be taught to
 * read TypeScript first. */
function startWorker(entry: URL): Worker {
  const options: WorkerOptions = {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, stackSizeMb: STACK_MIB },
  };
  if (!import.meta.url.endsWith('.ts')) return new Worker(entry, options);
  const workerData = {
    loader: import.meta.resolve('tsx/esm/api'),
    entry: entry.href.replace(/\.js$/, '.ts'),
  };
  const bootstrap = `
    const { loader, entry } = require('node:worker_threads').workerData;
    import(loader).then(({ register }) => { register(); return import(entry); });
  `;
  return new Worker(bootstrap, { ...options, eval: true, workerData });
}
