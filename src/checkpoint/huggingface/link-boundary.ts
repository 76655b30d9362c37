/** How far links may lead out of a model folder. */
import { basename, dirname, resolve } from 'node:path';

/**
 * A hub cache keeps `snapshots/<revision>/` full of links into `blobs/` two floors up, and nothing else may be linked to.
 * Everywhere else links stay in the folder.
 */
export function linkBoundary(folder: string): string {
  const snapshots = dirname(resolve(folder));
  const repository = dirname(snapshots);
  const isHubCache = basename(snapshots) === 'snapshots' && /^(models|datasets|spaces)--/.test(basename(repository));
  return isHubCache ? repository : folder;
}
