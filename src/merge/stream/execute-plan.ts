/** Carries out a plan: tensors in parallel, each by one thread from its first byte to its last, then everything around them. */

import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { requireDiskSpace } from '../../files/disk-space.ts';
import { elementCount } from '../../tensor/element-type.ts';
import type { AnyMergeMethod } from '../method.ts';
import { mergeMethods } from '../methods/methods.ts';
import { fingerprintOf } from '../plan/fingerprint.ts';
import type { MergePlan } from '../plan/merge-plan.ts';
import type { TensorJob } from './job.ts';
import { type Journal, openJournal } from './journal.ts';
import type { TensorResult } from './merge-tensor.ts';
import {
  createInlineRunner,
  createThreadRunner,
  type RunnerReply,
  type RunnerRequest,
  type TensorRunner,
} from './runner.ts';
import { openUnfinished, prepareFile, refuseExisting } from './unfinished-folder.ts';
import { writeSurroundings } from './write-surroundings.ts';

/** The record of a merge beside its weights. */
export const recordName = 'finery-merge.json';

export interface ExecuteOptions {
  /** Worker threads; default as many as there are cores, 4 at most; 0 stands for the calling thread. They change no bit. */
  readonly threads?: number;
  /** Whether files are on the disk before the folder gets its name. Default yes. */
  readonly sync?: boolean;
  /** Ends the merge between two tensors; what is done is kept for the next run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MergeProgress) => void;
  /** Elements that a thread holds of each model at a time, a multiple of 64; default 65,536. Changes no bit. */
  readonly pieceLength?: number;
}

interface MergeProgress {
  readonly phase: 'verify' | 'count' | 'merge';
  /** Elements of the result. */
  readonly done: number;
  readonly total: number;
}

export interface MergeOutcome {
  readonly tensors: number;
  /** Tensors that an earlier run had written already. */
  readonly resumed: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/**
 * @throws UsageError for a folder that is there already or a disk without room; InputError for weights that are not finite;
 * GateError for results that are not
 */
export async function executePlan(plan: MergePlan, out: string, options: ExecuteOptions = {}): Promise<MergeOutcome> {
  await refuseExisting(out);
  const fingerprint = await fingerprintOf(plan, options.signal);
  const folder = await openUnfinished(out, fingerprint);
  try {
    const journal = await openJournal(folder.path);
    if (journal.earlier.size === 0) await requireDiskSpace(folder.path, plan.layout.bytes);
    for (const file of plan.layout.files) await prepareFile(folder.path, file);
    const outputs = plan.layout.files.map(({ name }) => join(folder.path, name));
    const runners = createRunners(plan, outputs, options);
    let results: ReadonlyMap<string, TensorResult>;
    let resumed: number;
    try {
      const kept = await verifyEarlier(plan, journal, runners, options);
      resumed = kept.size;
      await countAll(plan, runners, options);
      results = await mergeAll(plan, journal, kept, runners, options);
    } finally {
      await Promise.all(runners.map((runner) => runner.close()));
    }
    const notes = [...results].flatMap(([name, { notes: own }]) => own.map((note) => `${name}: ${note}`));
    await writeSurroundings(plan, folder.path);
    await writeRecord(plan, fingerprint, folder.path, results, notes);
    await folder.complete(journal, { sync: options.sync ?? true });
    return { tensors: plan.jobs.length, resumed, bytes: plan.layout.bytes, warnings: [...plan.warnings, ...notes] };
  } finally {
    await folder.release();
  }
}

function createRunners(
  plan: MergePlan,
  outputs: readonly string[],
  { threads = Math.min(4, availableParallelism()), pieceLength }: ExecuteOptions,
): readonly TensorRunner[] {
  const options = { outputs, pieceLength };
  const isOwn = (method: AnyMergeMethod | undefined): boolean => mergeMethods.some((known) => known === method);
  const used = new Set(plan.jobs.map(({ method }) => plan.methods.get(method)));
  // A function of the caller's cannot be sent to another thread.
  if (threads === 0 || ![...used].every(isOwn)) return [createInlineRunner(plan.methods, options)];
  const count = Math.max(1, Math.min(threads, plan.jobs.length));
  return Array.from({ length: count }, () => createThreadRunner(options));
}

/** Largest first, so that the threads end together. */
function bySize(jobs: readonly TensorJob[]): readonly TensorJob[] {
  return jobs.toSorted((a, b) => elementCount(b.shape)! - elementCount(a.shape)!);
}

/** Hands the requests out to whoever is free, in order; the first failure stops the rest. */
async function distribute<T>(
  items: readonly T[],
  runners: readonly TensorRunner[],
  signal: AbortSignal | undefined,
  request: (item: T) => RunnerRequest,
  take: (item: T, reply: RunnerReply) => void,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (runner: TensorRunner): Promise<void> => {
    while (next < items.length && !failed) {
      signal?.throwIfAborted();
      const item = items[next++];
      take(item, await runner.run(request(item)));
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

function progressOf(phase: MergeProgress['phase'], jobs: readonly TensorJob[], { onProgress }: ExecuteOptions) {
  const size = ({ shape }: TensorJob): number => elementCount(shape)!;
  const total = jobs.reduce((sum, job) => sum + size(job), 0);
  let done = 0;
  return (job: TensorJob): void => {
    done += size(job);
    onProgress?.({ phase, done, total });
  };
}

/** Tensors of an earlier run whose bytes are still what it wrote. */
async function verifyEarlier(
  plan: MergePlan,
  { earlier }: Journal,
  runners: readonly TensorRunner[],
  options: ExecuteOptions,
): Promise<Map<string, TensorResult>> {
  const kept = new Map<string, TensorResult>();
  const jobs = plan.jobs.filter(({ name }) => earlier.has(name));
  const progress = progressOf('verify', jobs, options);
  await distribute(
    jobs,
    runners,
    options.signal,
    (job) => ({ kind: 'hash', job }),
    (job, reply) => {
      const result = earlier.get(job.name)!;
      if (reply.kind === 'hashed' && reply.hash === result.hash) kept.set(job.name, result);
      progress(job);
    },
  );
  return kept;
}

/** The rounds of counting over the whole model, for methods that have them. */
async function countAll(plan: MergePlan, runners: readonly TensorRunner[], options: ExecuteOptions): Promise<void> {
  const totals: Float64Array[] = [];
  const { surveys = [] } = plan.jobs.some(({ compat }) => compat === 'paper') ? plan.method : {};
  const jobs = bySize(plan.jobs.filter(({ method, shape }) => method === plan.method.name && !shape.includes(0)));
  for (let round = 0; round < surveys.length; round++) {
    const progress = progressOf('count', jobs, options);
    let total: Float64Array | undefined;
    await distribute(
      jobs,
      runners,
      options.signal,
      (job) => ({ kind: 'survey', job, round }),
      (job, reply) => {
        if (reply.kind !== 'counted') throw new Error(`A worker answered ${reply.kind} to a survey.`);
        total ??= new Float64Array(reply.counts.length);
        for (const [index, count] of reply.counts.entries()) total[index] += count;
        progress(job);
      },
    );
    totals.push(total ?? new Float64Array());
    for (const runner of runners) await runner.run({ kind: 'totals', totals });
  }
}

async function mergeAll(
  plan: MergePlan,
  journal: Journal,
  kept: Map<string, TensorResult>,
  runners: readonly TensorRunner[],
  options: ExecuteOptions,
): Promise<ReadonlyMap<string, TensorResult>> {
  const results = new Map(kept);
  const jobs = bySize(plan.jobs.filter(({ name }) => !kept.has(name)));
  const progress = progressOf('merge', jobs, options);
  await distribute(
    jobs,
    runners,
    options.signal,
    (job) => ({ kind: 'merge', job }),
    (job, reply) => {
      if (reply.kind !== 'merged') throw new Error(`A worker answered ${reply.kind} to a merge.`);
      journal.add(job.name, reply.result);
      results.set(job.name, reply.result);
      progress(job);
    },
  );
  return results;
}

async function writeRecord(
  plan: MergePlan,
  fingerprint: string,
  folder: string,
  results: ReadonlyMap<string, TensorResult>,
  notes: readonly string[],
): Promise<void> {
  const record = {
    version: 1,
    fingerprint,
    recipe: plan.recipe,
    models: plan.models.map(({ reference, isBase }) => ({ reference, base: isBase })),
    warnings: [...plan.warnings, ...notes],
    // XXH64 of the bytes of each tensor.
    tensors: Object.fromEntries(plan.jobs.map(({ name }) => [name, results.get(name)!.hash])),
  };
  await writeFile(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
}
