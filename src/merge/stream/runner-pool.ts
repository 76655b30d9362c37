/** The runners of a merge, and how work is dealt out to them. */
import { availableParallelism } from 'node:os';
import type { AnyMergeMethod } from '../method.ts';
import { mergeMethods } from '../methods/methods.ts';
import type { MergePlan } from '../plan/merge-plan.ts';
import { createInlineRunner, createThreadRunner, type TensorRunner } from './runner.ts';

export interface PoolOptions {
  /** Worker threads; default as many as there are cores, 4 at most; 0 stands for the calling thread. They change no bit. */
  readonly threads?: number;
  /** Elements that a thread holds of each model at a time, a multiple of 64; default 65,536. Changes no bit. */
  readonly pieceLength?: number;
}

/** Lends out runners that write to the files at `outputs`, and closes them. */
export async function withRunners<T>(
  plan: Pick<MergePlan, 'jobs' | 'methods'>,
  outputs: readonly string[],
  { threads = Math.min(4, availableParallelism()), pieceLength }: PoolOptions,
  work: (runners: readonly TensorRunner[]) => Promise<T>,
): Promise<T> {
  const options = { outputs, pieceLength };
  const isOwn = (method: AnyMergeMethod | undefined): boolean => mergeMethods.some((known) => known === method);
  const used = new Set(plan.jobs.map(({ method }) => plan.methods.get(method)));
  // A function of the caller's cannot be sent to another thread.
  const isInline = threads === 0 || ![...used].every(isOwn);
  const count = Math.max(1, Math.min(threads, plan.jobs.length));
  const runners = isInline
    ? [createInlineRunner(plan.methods, options)]
    : Array.from({ length: count }, () => createThreadRunner(options));
  try {
    return await work(runners);
  } finally {
    await Promise.all(runners.map((runner) => runner.close()));
  }
}

/** Hands the items out to whoever is free, in order; the first failure stops the rest. */
export async function distribute<T>(
  items: readonly T[],
  runners: readonly TensorRunner[],
  signal: AbortSignal | undefined,
  work: (item: T, runner: TensorRunner) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (runner: TensorRunner): Promise<void> => {
    while (next < items.length && !failed) {
      signal?.throwIfAborted();
      await work(items[next++], runner);
    }
  };
  const lanes = await Promise.allSettled(
    runners.map((runner) =>
      lane(runner).catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    ),
  );
  const failure = lanes.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
