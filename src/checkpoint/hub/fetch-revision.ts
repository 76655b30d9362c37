/** Brings what a model or an adapter needs of a revision into the cache: small files first, weights last. */
import { mkdir } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { requireDiskSpace } from '../../files/disk-space.ts';
import { lockFolder } from '../../files/folder-lock.ts';
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { indexFileName, readShardIndex } from '../huggingface/shard-index.ts';
import { downloadBlob } from './download-blob.ts';
import type { HubCache } from './hub-cache.ts';
import type { HubClient } from './hub-client.ts';
import { filesBesideWeights, type HubFile, type HubRevision, singleWeights, weightFiles } from './hub-files.ts';

export interface DownloadProgress {
  /** The file under way. */
  readonly file: string;
  /** Bytes that are there, of those that are needed, over the files that are fetched now. */
  readonly done: number;
  readonly total: number;
}

export interface FetchOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * @returns the folder of the snapshot
 * @throws InputError for a repository that has no weights in a format that is only data, or a download that fails; UsageError
 * for a disk without room, or another process that fetches the same
 */
export async function fetchRevision(
  client: HubClient,
  cache: HubCache,
  revision: HubRevision,
  { onProgress }: FetchOptions,
): Promise<string> {
  const { commit } = revision;
  const { name } = client.id;
  const small = filesBesideWeights(revision, name);

  async function bring(files: readonly HubFile[]): Promise<void> {
    const there = await Promise.all(files.map(({ checksum }) => exists(cache.blob(checksum))));
    const missing = files.filter((_, i) => !there[i]);
    const total = missing.reduce((sum, { size }) => sum + size, 0);
    await requireDiskSpace(cache.folder, total);
    let before = 0;
    for (const file of missing) {
      const url = client.fileUrl(commit, file.path);
      const onBytes = (bytes: number) => onProgress?.({ file: file.path, done: before + bytes, total });
      await downloadBlob(client, { file, url, path: cache.blob(file.checksum), onBytes });
      before += file.size;
    }
    for (const { path, checksum } of files) await cache.link(commit, path, checksum);
  }

  async function bringAll(): Promise<void> {
    await mkdir(cache.folder, { recursive: true });
    const lock = await lockFolder(cache.folder);
    try {
      await bring(small);
      const index = small.find(({ path }) => path === indexFileName);
      const shards = index ? (await readShardIndex(cache.blob(index.checksum))).weightMap.values() : [];
      await bring(weightFiles(revision, shards, name));
    } finally {
      await lock.release();
    }
  }

  const needed = [...small, ...singleWeights(revision)].map(({ path }) => path);
  const whole = () => cache.wholeSnapshot(commit, needed);
  // Any number of programs may open a model that is there, also in a cache that they must not write to.
  let folder = await whole();
  if (folder === undefined) {
    await bringAll();
    folder = await whole();
  }
  if (folder !== undefined) {
    await cache.remember(client.id.revision, commit);
    return folder;
  }
  throw new InputError({
    field: cache.folder,
    found: 'a snapshot that lost files while they were fetched',
    expected: 'nobody else to delete from the cache',
    fix: 'Give the command again.',
  });
}

/** `config.json` alone, read and not kept. @throws InputError where there is none, or it is no JSON object */
export async function fetchConfig(client: HubClient, { commit }: HubRevision): Promise<JsonObject> {
  const response = await client.fetch(client.fileUrl(commit, 'config.json'));
  const config: unknown = await response.json().catch(() => undefined);
  if (isJsonObject(config)) return config;
  throw client.misunderstood('a config.json that is no JSON object', 'the configuration of a model');
}
