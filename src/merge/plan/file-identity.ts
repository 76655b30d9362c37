/** Whether a file is the one that it was, without reading it. */
import { stat } from 'node:fs/promises';

/**
 * Device, inode, size and the times of the last change of content and of attributes, in nanoseconds. Whoever writes to a file
 * changes the last of them, which no program can set back; a file that was copied, moved or linked is another without need.
 */
async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

/** By path. */
export type FileIdentities = ReadonlyMap<string, string>;

export async function identify(paths: Iterable<string>): Promise<FileIdentities> {
  const sorted = [...new Set(paths)].sort();
  return new Map(await Promise.all(sorted.map(async (path) => [path, await identityOf(path)] as const)));
}

/** Those of `files` that are not what they were in `earlier`, or were not there. */
export function changedFiles(files: FileIdentities, earlier: FileIdentities): ReadonlySet<string> {
  return new Set([...files].filter(([path, identity]) => earlier.get(path) !== identity).map(([path]) => path));
}
