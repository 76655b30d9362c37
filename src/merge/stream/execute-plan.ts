/** Carries out a plan: tensors in parallel, each by one thread from its first byte to its last, then everything around them. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, UsageError } from '../../errors.ts';
import { requireAbsent } from '../../files/atomic-write.ts';
import { explainDiskFull, requireDiskSpace } from '../../files/disk-space.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { changedFiles, type FileIdentities, identify } from '../plan/file-identity.ts';
import { fingerprintOf } from '../plan/fingerprint.ts';
import type { MergePlan } from '../plan/merge-plan.ts';
import { verifyEarlier } from './earlier-results.ts';
import type { TensorJob } from './job.ts';
import { type Journal, openJournal } from './journal.ts';
import { writeRecord } from './merge-record.ts';
import type { TensorResult } from './merge-tensor.ts';
import type { TensorRunner } from './runner.ts';
import { distribute, type PoolOptions, withRunners } from './runner-pool.ts';
import { keptForLater, openUnfinished, prepareFile } from './unfinished-folder.ts';
import { configName, writeSurroundings } from './write-surroundings.ts';

export interface ExecuteOptions extends PoolOptions {
  /** Whether files are on the disk before the folder gets its name. Default yes. */
  readonly sync?: boolean;
  /** Ends the merge between two tensors; what is done is kept for the next run. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MergeProgress) => void;
}

interface MergeProgress {
  readonly phase: 'count' | 'verify' | 'merge';
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
 * @throws UsageError for a folder that is there already or a disk without room; InputError for weights that are not finite, or
 * that somebody changes meanwhile, or results that are not finite. What was merged stays for the same command to go on from;
 * where only another recipe or another model helps, nothing stays.
 */
export async function executePlan(plan: MergePlan, out: string, options: ExecuteOptions = {}): Promise<MergeOutcome> {
  await requireAbsent(out);
  const fingerprint = await fingerprintOf(plan);
  const folder = await openUnfinished(out, fingerprint);
  try {
    const journal = await openJournal(folder.path);
    if (!journal.earlier) {
      await requireDiskSpace(out, plan.layout.bytes).catch(async (error: unknown) => {
        await folder.discard();
        throw error;
      });
    }
    // An earlier run may have got this far: while weights change, nothing may take the folder for a model.
    await rm(join(folder.path, configName), { force: true });
    for (const file of plan.layout.files) await prepareFile(folder.path, file);
    const outputs = plan.layout.files.map(({ name }) => join(folder.path, name));
    const { results, resumed } = await withRunners(plan, outputs, options, (runners) =>
      computeAll(plan, journal, runners, options),
    ).catch(async (error: unknown) => {
      // A weight, a result or a parameter that is refused is refused again: the same command never comes to an end.
      const isRefused = error instanceof InputError || error instanceof UsageError;
      if (isRefused && !options.signal?.aborted) await folder.discard();
      throw error;
    });
    await requireUnchanged(plan.inputs);
    const notes = [...results].flatMap(([name, { notes: own }]) => own.map((note) => `${name}: ${note}`));
    const warnings = [...plan.warnings, ...notes];
    await writeSurroundings(plan, folder.path);
    await writeRecord(plan, folder.path, { fingerprint, results, warnings });
    await folder.complete(journal, { sync: options.sync ?? true });
    return { tensors: plan.jobs.length, resumed, bytes: plan.layout.bytes, warnings };
  } catch (error) {
    throw explainDiskFull(out, error, keptForLater);
  } finally {
    await folder.release();
  }
}

/** Counts, keeps what still stands of an earlier run, and merges the rest. */
async function computeAll(
  plan: MergePlan,
  journal: Journal,
  runners: readonly TensorRunner[],
  options: ExecuteOptions,
): Promise<{ readonly results: ReadonlyMap<string, TensorResult>; readonly resumed: number }> {
  const basis = { inputs: plan.inputs, counts: await countAll(plan, runners, options) };
  const kept = await verifyEarlier(plan, journal.earlier, basis, runners, {
    signal: options.signal,
    onStart: (jobs) => progressOf('verify', jobs, options),
  });
  await journal.begin(basis, kept);
  const results = new Map(kept);
  const jobs = bySize(plan.jobs.filter(({ name }) => !kept.has(name)));
  const onDone = progressOf('merge', jobs, options);
  await distribute(jobs, runners, options.signal, async (job, runner) => {
    const reply = await runner.run({ kind: 'merge', job });
    if (reply.kind !== 'merged') throw new Error(`A worker answered ${reply.kind} to a merge.`);
    journal.add(job.name, reply.result);
    results.set(job.name, reply.result);
    onDone(job);
  });
  return { results, resumed: kept.size };
}

/** The rounds of counting over the whole model, for methods that have them. Returns SHA-256 of the counts. */
async function countAll(plan: MergePlan, runners: readonly TensorRunner[], options: ExecuteOptions): Promise<string> {
  const totals: Float64Array[] = [];
  const { surveys = [] } = plan.jobs.some(({ compat }) => compat === 'paper') ? plan.method : {};
  const jobs = bySize(plan.jobs.filter(({ method, shape }) => method === plan.method.name && !shape.includes(0)));
  for (let round = 0; round < surveys.length; round++) {
    const onDone = progressOf('count', jobs, options);
    let total: Float64Array | undefined;
    await distribute(jobs, runners, options.signal, async (job, runner) => {
      const reply = await runner.run({ kind: 'survey', job, round });
      if (reply.kind !== 'counted') throw new Error(`A worker answered ${reply.kind} to a survey.`);
      total ??= new Float64Array(reply.counts.length);
      for (const [index, count] of reply.counts.entries()) total[index] += count;
      onDone(job);
    });
    totals.push(total ?? new Float64Array());
    for (const runner of runners) await runner.run({ kind: 'totals', totals });
  }
  const hash = createHash('sha256');
  for (const total of totals) hash.update(total);
  return hash.digest('hex');
}

/** Largest first, so that the threads end together. */
function bySize(jobs: readonly TensorJob[]): readonly TensorJob[] {
  return jobs.toSorted((a, b) => elementCount(b.shape)! - elementCount(a.shape)!);
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

/** Tensors that were read before and after a change would not belong together. */
async function requireUnchanged(inputs: FileIdentities): Promise<void> {
  const [changed] = changedFiles(await identify(inputs.keys()), inputs);
  if (changed === undefined) return;
  throw new InputError({
    field: changed,
    found: 'a change while it was being merged',
    expected: 'weights that stay as they are until the merge is complete',
    fix: 'Give the same command again: only tensors whose weights differ are merged anew.',
  });
}
