/**
 * Which tensors of an earlier run still stand: those whose bytes have the hash that was noted, and that were read from what is
 * still there. A file whose identity is the same was not written to since; of any other, what the tensor was read from is read
 * again and has to have its hash. Counts over the whole model have to be the same too, for methods that have them.
 */
import { isDeepStrictEqual } from 'node:util';
import { changedFiles } from '../plan/file-identity.ts';
import type { MergePlan } from '../plan/merge-plan.ts';
import { pathsOf, sourcesOf, type TensorJob } from './job.ts';
import type { EarlierRun, MergeBasis } from './journal.ts';
import type { TensorResult } from './merge-tensor.ts';
import type { TensorRunner } from './runner.ts';
import { distribute } from './runner-pool.ts';

interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onStart?: (jobs: readonly TensorJob[]) => (job: TensorJob) => void;
}

export async function verifyEarlier(
  { jobs }: Pick<MergePlan, 'jobs'>,
  earlier: EarlierRun | undefined,
  basis: MergeBasis,
  runners: readonly TensorRunner[],
  { signal, onStart }: VerifyOptions = {},
): Promise<ReadonlyMap<string, TensorResult>> {
  const kept = new Map<string, TensorResult>();
  if (!earlier || earlier.counts !== basis.counts) return kept;
  const changed = changedFiles(basis.inputs, earlier.inputs);
  const done = jobs.filter(({ name }) => earlier.results.has(name));
  const onDone = onStart?.(done);
  await distribute(done, runners, signal, async (job, runner) => {
    const result = earlier.results.get(job.name)!;
    const isRead = sourcesOf(job).some(({ tensor }) => pathsOf(tensor).some((path) => changed.has(path)));
    if (
      (await hasHashes(runner, job, 'output', [result.hash])) &&
      (!isRead || (await hasSources(runner, job, result)))
    ) {
      kept.set(job.name, result);
    }
    onDone?.(job);
  });
  return kept;
}

/** Whether merging the tensor now would read what it read then. */
export function hasSources(runner: TensorRunner, job: TensorJob, { sources }: Pick<TensorResult, 'sources'>) {
  return hasHashes(runner, job, 'sources', sources);
}

async function hasHashes(
  runner: TensorRunner,
  job: TensorJob,
  of: 'output' | 'sources',
  expected: readonly string[],
): Promise<boolean> {
  const reply = await runner.run({ kind: 'hash', job, of });
  return reply.kind === 'hashed' && isDeepStrictEqual(reply.hashes, expected);
}
