/**
 * The cache of the hub, shared with its other programs:
 *
 *   models--<owner>--<name>/
 *     refs/<revision>               the commit that the revision last was
 *     blobs/<checksum>              contents
 *     snapshots/<commit>/<file>     links to contents
 */
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { containedPath } from '../../files/contained-path.ts';
import { exists, releaseTemporaryName, takeTemporaryName } from '../../files/temporary-name.ts';
import { adapterConfigFile, adapterWeightsFile } from '../huggingface/adapter-files.ts';
import { indexFileName, readShardIndex, singleFileName } from '../huggingface/shard-index.ts';
import type { HubId } from './hub-id.ts';

export const commitPattern = /^[0-9a-f]{40}$/;

export class HubCache {
  /** The folder of one model. */
  readonly folder: string;

  constructor(cache: string, name: string) {
    this.folder = join(cache, `models--${name.replace('/', '--')}`);
  }

  blob(checksum: string): string {
    return join(this.folder, 'blobs', checksum);
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  /** The commit that a revision was when it was last asked for. */
  async commitOf(revision: HubId['revision']): Promise<string | undefined> {
    if (commitPattern.test(revision)) return revision;
    if (!(await exists(this.#references))) return undefined;
    const text = await readFile(await containedPath(this.#references, revision), 'utf8').catch(() => '');
    return commitPattern.test(text.trim()) ? text.trim() : undefined;
  }

  async remember(revision: HubId['revision'], commit: string): Promise<void> {
    if ((await this.commitOf(revision)) === commit) return;
    await mkdir(this.#references, { recursive: true });
    await writeFileAtomically(await containedPath(this.#references, revision), commit);
  }

  get #references(): string {
    return join(this.folder, 'refs');
  }

  /** Makes the path `name` in a snapshot a link to contents; a copy where the file system knows no links. */
  async link(commit: string, name: string, checksum: string): Promise<void> {
    await mkdir(this.snapshot(commit), { recursive: true });
    const path = await containedPath(await containedPath(this.folder, `snapshots/${commit}`), name, {
      boundary: this.folder,
    });
    await mkdir(dirname(path), { recursive: true });
    const temporary = takeTemporaryName(path, 'tmp');
    try {
      await symlink(relative(dirname(path), this.blob(checksum)), temporary).catch(() =>
        copyFile(this.blob(checksum), temporary),
      );
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
      releaseTemporaryName(temporary);
    }
  }

  /**
   * A snapshot that has the files `beside` its weights and all weights of a model, or of an adapter where there is no model;
   * undefined where there is none. Weights are linked last, so that what has them has everything, unless another program
   * fetched single files.
   * @throws InputError for a link that leaves the model's folder
   */
  async wholeSnapshot(commit: string, beside: readonly string[] = []): Promise<string | undefined> {
    const folder = this.snapshot(commit);
    const isThere = (name: string): Promise<boolean> => exists(join(folder, name));
    for (const name of await readdir(folder).catch(() => [])) {
      if (await isThere(name)) await containedPath(folder, name, { boundary: this.folder });
    }
    for (const name of beside) if (!(await isThere(name))) return undefined;
    const hasConfig = await isThere('config.json');
    if (hasConfig && (await isThere(singleFileName))) return folder;
    if (hasConfig && (await isThere(indexFileName))) {
      const { weightMap } = await readShardIndex(join(folder, indexFileName));
      for (const shard of new Set(weightMap.values())) if (!(await isThere(shard))) return undefined;
      return folder;
    }
    // Repositories of adapters often have the config.json of their base.
    return (await isThere(adapterConfigFile)) && (await isThere(adapterWeightsFile)) ? folder : undefined;
  }
}
