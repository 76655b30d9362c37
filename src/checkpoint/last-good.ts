/**
 * Finds the checkpoint to go on from: the newest one in a folder of checkpoints that is complete and undamaged. Others are
 * skipped with the reason, never repaired and never deleted.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { type Manifest, readManifest, verifyManifest } from './manifest.ts';

export interface StoredCheckpoint {
  readonly path: string;
  readonly manifest: Manifest;
}

interface SkippedCheckpoint {
  readonly path: string;
  readonly reason: string;
}

export interface CheckpointListing {
  /** With a manifest, newest first: by step, then by name. Their files have not been looked at. */
  readonly checkpoints: readonly StoredCheckpoint[];
  readonly skipped: readonly SkippedCheckpoint[];
}

/** The subfolders of `folder`, hidden ones (unfinished writes) left out. A folder that is not there has none. */
export async function listCheckpoints(folder: string): Promise<CheckpointListing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const checkpoints: StoredCheckpoint[] = [];
  const skipped: SkippedCheckpoint[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const manifest = await orReason(readManifest(path));
    if (typeof manifest === 'string') skipped.push({ path, reason: manifest });
    else checkpoints.push({ path, manifest });
  }
  return { checkpoints: checkpoints.sort(newestFirst), skipped };
}

export interface LastGood {
  readonly checkpoint: StoredCheckpoint | undefined;
  /** Damaged ones that are newer than the checkpoint, and folders that are not checkpoints. */
  readonly skipped: readonly SkippedCheckpoint[];
}

/** Reads the candidates whole, newest first, until the checksums of one are right. */
export async function findLastGood(folder: string): Promise<LastGood> {
  const { checkpoints, skipped } = await listCheckpoints(folder);
  const damaged: SkippedCheckpoint[] = [];
  for (const checkpoint of checkpoints) {
    const reason = await orReason(verifyManifest(checkpoint.path, checkpoint.manifest));
    if (typeof reason !== 'string') return { checkpoint, skipped: [...damaged, ...skipped] };
    damaged.push({ path: checkpoint.path, reason });
  }
  return { checkpoint: undefined, skipped: [...damaged, ...skipped] };
}

async function orReason<T>(result: Promise<T>): Promise<T | string> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function newestFirst(a: StoredCheckpoint, b: StoredCheckpoint): number {
  return (b.manifest.step ?? -1) - (a.manifest.step ?? -1) || (a.path < b.path ? 1 : -1);
}
