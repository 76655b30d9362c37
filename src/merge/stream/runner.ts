/** Who computes tensors: a worker thread, or the caller's own thread for methods that cannot be sent to another. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { type FineryError, InputError, type Problem, UsageError } from '../../errors.ts';
import type { AnyMergeMethod } from '../method.ts';
import { FileTable } from './file-table.ts';
import type { TensorJob } from './job.ts';
import { hashOutput, hashSources, mergeTensor, surveyTensor, type TensorResult } from './merge-tensor.ts';
import { Workspace } from './workspace.ts';

export type RunnerRequest =
  | { readonly kind: 'merge'; readonly job: TensorJob }
  /** Of what is in the tensor's place, or of what it would be merged from, as they are now. */
  | { readonly kind: 'hash'; readonly job: TensorJob; readonly of: 'output' | 'sources' }
  | { readonly kind: 'survey'; readonly job: TensorJob; readonly round: number }
  | { readonly kind: 'totals'; readonly totals: readonly Float64Array[] };

export type RunnerReply =
  | { readonly kind: 'merged'; readonly result: TensorResult }
  | { readonly kind: 'hashed'; readonly hashes: readonly string[] }
  | { readonly kind: 'counted'; readonly counts: Float64Array }
  | { readonly kind: 'ready' };

export interface TensorRunner {
  /** One at a time. @throws what the tensor's merge throws */
  run(request: RunnerRequest): Promise<RunnerReply>;
  close(): Promise<void>;
}

export interface RunnerOptions {
  /** Paths of the output files. */
  readonly outputs: readonly string[];
  readonly pieceLength?: number;
}

/** Answers requests in the thread that calls it. */
export function createAnswerer(
  methods: ReadonlyMap<string, AnyMergeMethod>,
  { outputs, pieceLength }: RunnerOptions,
): { readonly answer: (request: RunnerRequest) => RunnerReply; readonly close: () => void } {
  const files = new FileTable();
  const workspace = new Workspace();
  let surveys: readonly Float64Array[] = [];

  function answer(request: RunnerRequest): RunnerReply {
    if (request.kind === 'totals') {
      surveys = request.totals;
      return { kind: 'ready' };
    }
    const { job } = request;
    const resources = { files, workspace, outputs, pieceLength, surveys };
    const method = methods.get(job.method)!;
    switch (request.kind) {
      case 'merge':
        return { kind: 'merged', result: mergeTensor(job, method, resources) };
      case 'hash':
        return {
          kind: 'hashed',
          hashes: request.of === 'output' ? [hashOutput(job, resources)] : hashSources(job, resources),
        };
      case 'survey':
        return { kind: 'counted', counts: surveyTensor(job, method, request.round, resources) };
    }
  }

  return {
    answer,
    close: () => files.close(),
  };
}

/** Lets the rest of the program have a turn between tensors. */
export function createInlineRunner(methods: ReadonlyMap<string, AnyMergeMethod>, options: RunnerOptions): TensorRunner {
  const { answer, close } = createAnswerer(methods, options);
  return {
    async run(request) {
      await new Promise((resolve) => setImmediate(resolve));
      return answer(request);
    },
    close: async () => close(),
  };
}

/** An error on its way between threads. */
export interface SentError {
  readonly kind: string;
  readonly problem?: Problem;
  readonly message: string;
  /** Of an error of the system, such as `ENOSPC`. */
  readonly code?: string;
}

const known: Readonly<Record<string, new (problem: Problem) => FineryError>> = { UsageError, InputError };

/** Answers with the methods that come with the library, in a thread of its own. */
export function createThreadRunner(options: RunnerOptions): TensorRunner {
  const worker = startWorker(options);
  // A thread may end while it has nothing to do, and would leave the next request without an answer.
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', () => {
    failure ??= new Error('A worker of the merge ended.');
  });
  return {
    run: (request) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const settle = (): void => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        };
        const onMessage = ({ reply, error }: { reply?: RunnerReply; error?: SentError }): void => {
          settle();
          if (reply) resolve(reply);
          else reject(received(error!));
        };
        const onError = (error: Error): void => {
          settle();
          reject(error);
        };
        const onExit = (): void => onError(new Error('A worker of the merge ended in the middle of a tensor.'));
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        worker.postMessage(request);
      }),
    close: async () => void (await worker.terminate()),
  };
}

function received({ kind, problem, message, code }: SentError): Error {
  const type = known[kind];
  if (type && problem) return new type(problem);
  return Object.assign(new Error(message), code !== undefined && { code });
}

/** Compiled, a worker is started as it is; where the sources run, a thread has to be taught to read TypeScript first. */
function startWorker(workerData: RunnerOptions): Worker {
  const options: WorkerOptions = { workerData, execArgv: [] };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./runner-worker.js', import.meta.url), options);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL('./runner-worker.ts', import.meta.url).href);
  const bootstrap = `import(${loader}).then(({ register }) => { register(); return import(${entry}); });`;
  return new Worker(bootstrap, { ...options, eval: true });
}
