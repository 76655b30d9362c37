/**
 * The folder or file of a model, or of an adapter, that a person names: one on this machine, or one of the hub, which is fetched
 * into the cache that all programs of the hub share.
 *
 * ```ts
 * const folder = await resolveModel('Qwen/Qwen2.5-0.5B');
 * const model = await loadModel(folder);
 * ```
 */
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { type DownloadProgress, fetchConfig, fetchRevision } from './fetch-revision.ts';
import { HubCache } from './hub-cache.ts';
import { HubClient, type HubClientOptions, HubUnreachable } from './hub-client.ts';
import { type HubRevision, listRevision } from './hub-files.ts';
import { looksLikeHubId, parseHubId } from './hub-id.ts';
import { hubSettings } from './hub-settings.ts';

export interface ResolveOptions extends HubClientOptions {
  /** The folder that a relative path starts from. Default: the working folder, and paths stay as they are. */
  readonly root?: string;
  /** Where HF_HOME and the other variables of the hub are looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly onWarning?: (warning: string) => void;
}

/**
 * What exists on this machine is always meant first; a name that could neither be a path here nor a hub id is given back
 * as it is. Only configuration, tokenizer and safetensors are fetched, never pickles, and what is fetched is checked
 * against the hub's checksums.
 * @returns the folder or file to open
 * @throws UsageError for a hub id that cannot be one; InputError for a model that cannot be had, each saying what to do
 */
export async function resolveModel(nameOrPath: string, options: ResolveOptions = {}): Promise<string> {
  const found = await locate(nameOrPath, options);
  if (typeof found === 'string') return found;
  return fetchRevision(found.client, found.cache, found.revision, { onProgress: options.onProgress });
}

/**
 * What `config.json` of the model that `resolveModel` would give says, without fetching more than that; nothing is written.
 * @throws as `resolveModel`; InputError where it is no JSON object
 */
export async function resolveConfig(nameOrPath: string, options: ResolveOptions = {}): Promise<JsonObject> {
  const found = await locate(nameOrPath, options);
  if (typeof found === 'string') return readJsonObject(join(found, 'config.json'));
  const { client, cache, revision } = found;
  const folder = await cache.wholeSnapshot(revision.commit);
  return folder === undefined ? fetchConfig(client, revision) : readJsonObject(join(folder, 'config.json'));
}

/** A revision of the hub that was asked for just now. */
interface HubModel {
  readonly client: HubClient;
  readonly cache: HubCache;
  readonly revision: HubRevision;
}

/** The path of what is on this machine, or what the hub has. */
async function locate(nameOrPath: string, options: ResolveOptions): Promise<string | HubModel> {
  const { root, env, onWarning } = options;
  const path = root === undefined ? nameOrPath : resolve(root, nameOrPath);
  if ((await exists(path)) || !looksLikeHubId(nameOrPath)) return path;
  const id = parseHubId(nameOrPath);
  const settings = hubSettings(env);
  const cache = new HubCache(settings.cache, id.name);
  if (settings.offline) return cached(cache, id.revision, nameOrPath);
  const client = new HubClient(id, settings, options);
  let revision: HubRevision;
  try {
    revision = await listRevision(client);
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    const commit = await cache.commitOf(id.revision);
    const folder = commit && (await cache.wholeSnapshot(commit));
    if (!folder) throw notHere(nameOrPath, error);
    onWarning?.(`${error.problem.found}: ${nameOrPath} is taken from the cache, as it was when it was last fetched`);
    return folder;
  }
  return { client, cache, revision };
}

/** Without the hub, what was mistyped and what was never fetched look the same. */
function notHere(name: string, error: HubUnreachable): HubUnreachable {
  const problem = {
    field: name,
    found: `no such folder, and ${error.problem.found}`,
    expected: 'a folder on this machine, or a model of the hub',
    fix: 'Check the path; for a model of the hub, check the network and HF_ENDPOINT.',
  };
  return new HubUnreachable(problem, { cause: error });
}

async function cached(cache: HubCache, revision: string, name: string): Promise<string> {
  const commit = await cache.commitOf(revision);
  const folder = commit && (await cache.wholeSnapshot(commit));
  if (folder) return folder;
  throw new UsageError({
    field: name,
    found: 'neither a folder here nor a model in the cache, and HF_HUB_OFFLINE is set',
    expected: `it in ${cache.folder}`,
    fix: 'Fetch it once without HF_HUB_OFFLINE, or name a folder on this machine.',
  });
}
