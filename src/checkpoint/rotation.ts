/**
 * Which checkpoints of a run stay: the last few, the best one, and no more than a budget of bytes. Whatever the policy, the
 * newest checkpoint whose checksums are right stays.
 */
import { UsageError } from '../errors.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { findLastGood, listCheckpoints, type StoredCheckpoint } from './last-good.ts';

export interface RotationPolicy {
  /** How many of the newest stay; 1 or more. */
  readonly keepLast: number;
  /** Also keeps the checkpoint whose metric is the lowest or highest; of equals the earlier one. */
  readonly keepBest?: 'lowest' | 'highest';
  /** Most bytes of all that stay: the oldest go first, then the best, never the last good one. */
  readonly budgetBytes?: number;
}

/**
 * The checkpoints to delete.
 * @param checkpoints newest first
 * @param lastGood the one that stays whatever happens
 */
export function planRotation(
  checkpoints: readonly StoredCheckpoint[],
  lastGood: StoredCheckpoint,
  { keepLast, keepBest, budgetBytes = Number.POSITIVE_INFINITY }: RotationPolicy,
): readonly StoredCheckpoint[] {
  const best = keepBest && findBest(checkpoints, keepBest);
  const last = checkpoints.slice(0, keepLast);
  // By rank: what the budget is spent on first stands first.
  const wanted = [...new Set([lastGood, ...(best ? [best] : []), ...last])];
  const kept = new Set<StoredCheckpoint>();
  let room = budgetBytes;
  for (const checkpoint of wanted) {
    room -= sizeOf(checkpoint);
    if (room < 0 && checkpoint !== lastGood) break;
    kept.add(checkpoint);
  }
  return checkpoints.filter((checkpoint) => !kept.has(checkpoint));
}

export interface Rotation {
  /** Paths of what was deleted. */
  readonly deleted: readonly string[];
  /** Bytes of what stayed, which exceed the budget only if the last good checkpoint alone does. */
  readonly keptBytes: number;
}

/**
 * Deletes checkpoints in `folder` by the policy. Folders without a manifest, and damaged checkpoints newer than the last
 * good one, are not touched: somebody may want to look at them. Nothing is deleted where no checkpoint is good.
 */
export async function rotateCheckpoints(folder: string, policy: RotationPolicy): Promise<Rotation> {
  if (!Number.isSafeInteger(policy.keepLast) || policy.keepLast < 1) {
    const fix = 'Keep at least the last checkpoint.';
    throw new UsageError({
      field: 'keepLast',
      found: String(policy.keepLast),
      expected: 'a whole number, 1 or more',
      fix,
    });
  }
  const { checkpoint: lastGood } = await findLastGood(folder);
  if (!lastGood) return { deleted: [], keptBytes: 0 };
  const { checkpoints } = await listCheckpoints(folder);
  const candidates = checkpoints.slice(checkpoints.findIndex(({ path }) => path === lastGood.path));
  const doomed = planRotation(candidates, candidates[0], policy);
  for (const { path } of doomed) await removeFolder(path);
  const kept = candidates.filter((candidate) => !doomed.includes(candidate));
  return {
    deleted: doomed.map(({ path }) => path),
    keptBytes: kept.reduce((sum, candidate) => sum + sizeOf(candidate), 0),
  };
}

function findBest(
  checkpoints: readonly StoredCheckpoint[],
  direction: 'lowest' | 'highest',
): StoredCheckpoint | undefined {
  const sign = direction === 'lowest' ? 1 : -1;
  let best: StoredCheckpoint | undefined;
  let value = Number.POSITIVE_INFINITY;
  for (const checkpoint of checkpoints) {
    const { metric } = checkpoint.manifest;
    // From newest to oldest, `<=` lets the earlier of two equals win.
    if (metric === undefined || !(sign * metric <= value)) continue;
    best = checkpoint;
    value = sign * metric;
  }
  return best;
}

function sizeOf({ manifest }: StoredCheckpoint): number {
  return Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
}
