/** What a revision of a repository consists of, as the hub's API tells it, and which of its files a model or an adapter needs. */
import { InputError } from '../../errors.ts';
import { tokenizerLayouts } from '../../tokenizer/load.ts';
import { adapterConfigFile, adapterWeightsFile } from '../huggingface/adapter-files.ts';
import { indexFileName, singleFileName } from '../huggingface/shard-index.ts';
import { commitPattern } from './hub-cache.ts';
import type { HubClient } from './hub-client.ts';

export interface HubFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Of the content: SHA-256 of a large file, git's SHA-1 of a small one. Also the name that the cache keeps it under. */
  readonly checksum: string;
}

export interface HubRevision {
  readonly commit: string;
  /** By path. */
  readonly files: ReadonlyMap<string, HubFile>;
}

/** Many times what a model has. */
const mostFiles = 20_000;
/** As large as the readers of configurations and tokenizers take them. */
const mostBytesBesideWeights = 256 * 2 ** 20;

/** @throws InputError for a revision that cannot be read, or an answer that makes no sense */
export async function listRevision(client: HubClient): Promise<HubRevision> {
  const { name, revision } = client.id;
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const access = { hubUrl: client.settings.endpoint, fetch: client.fetch };
  try {
    const { sha: commit } = await modelInfo({ ...access, name, revision, additionalFields: ['sha'] });
    if (typeof commit !== 'string' || !commitPattern.test(commit)) {
      throw client.misunderstood(`the commit ${JSON.stringify(commit)}`, '40 hexadecimal digits');
    }
    const files = new Map<string, HubFile>();
    let entries = 0;
    for await (const entry of listFiles({ ...access, repo: { type: 'model', name }, revision: commit })) {
      if (++entries > mostFiles) throw client.misunderstood(`more than ${mostFiles} files`, 'the files of a model');
      if (entry.type === 'file') files.set(entry.path, checkedFile(client, entry));
    }
    return { commit, files };
  } catch (error) {
    client.signal?.throwIfAborted();
    if (error instanceof InputError) throw error;
    // The library trusts the form of answers: what is none of ours comes from reading one that has another.
    throw client.misunderstood(`an answer of another form (${String(error).slice(0, 200)})`, "the hub's API");
  }
}

interface ListedFile {
  readonly path: unknown;
  readonly size: unknown;
  readonly oid?: unknown;
  readonly lfs?: { readonly oid: unknown; readonly size: unknown };
}

function checkedFile(client: HubClient, { path, size, oid, lfs }: ListedFile): HubFile {
  const bytes = lfs?.size ?? size;
  if (typeof path !== 'string' || path === '') throw client.misunderstood('a file without a name', 'names');
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw client.misunderstood(`the size ${JSON.stringify(bytes)} of ${JSON.stringify(path)}`, 'a number of bytes');
  }
  const checksum = lfs?.oid ?? oid;
  const form = lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/;
  if (typeof checksum !== 'string' || !form.test(checksum)) {
    throw client.misunderstood(`the checksum ${JSON.stringify(checksum)} of ${JSON.stringify(path)}`, String(form));
  }
  return { path, size: bytes, checksum };
}

const configuration = ['config.json', 'generation_config.json'];
const tokenizerConfiguration = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
];
/** Of sentence-transformers: how vectors are made of what the model computes. */
const sentenceConfiguration = [
  'modules.json',
  'config_sentence_transformers.json',
  'sentence_bert_config.json',
  '1_Pooling/config.json',
];

/**
 * The files that come before the weights: configuration, tokenizer, the index of weights in several files, and what says how an
 * adapter is to be read.
 * @throws InputError where there is neither a model nor an adapter, where weights are in no format that is only data, or a file
 * is larger than its readers take it
 */
export function filesBesideWeights(revision: HubRevision, name: string): readonly HubFile[] {
  const { files } = revision;
  const has = (path: string): boolean => files.has(path);
  if (!hasAdapter(revision)) {
    if (!has('config.json')) throw refuseRepository(files, name);
    if (!has(singleFileName) && !has(indexFileName)) throw refusePickles(files, name);
  }
  const tokenizer = tokenizerLayouts.find((parts) => parts.every(has)) ?? [];
  const index = has(singleFileName) ? [] : [indexFileName];
  const wanted = [
    ...configuration,
    ...tokenizerConfiguration,
    ...sentenceConfiguration,
    ...tokenizer,
    ...index,
    ...(hasAdapter(revision) ? [adapterConfigFile] : []),
  ].filter(has);
  return wanted.map((path) => {
    const file = files.get(path)!;
    if (file.size <= mostBytesBesideWeights) return file;
    throw refuse(`${name}, ${path}`, `${file.size} bytes`, `at most ${mostBytesBesideWeights}`, 'Do not trust it.');
  });
}

/**
 * The weights of the model, in one file or in the shards of its index, and of the adapter.
 * @throws InputError for a shard that is not there or is not safetensors
 */
export function weightFiles({ files }: HubRevision, shards: Iterable<string>, name: string): readonly HubFile[] {
  const ofModel = [...new Set(shards)].map((shard) => {
    const file = files.get(shard);
    if (file && /^[\w][\w.-]*\.safetensors$/.test(shard)) return file;
    const field = `${name}, ${indexFileName}`;
    throw refuse(field, `the shard ${JSON.stringify(shard)}`, 'a safetensors file beside it', 'Do not trust it.');
  });
  return [...ofModel, ...singleWeights({ files })];
}

/** Weights that are one file each. */
export function singleWeights({ files }: Pick<HubRevision, 'files'>): readonly HubFile[] {
  return [singleFileName, adapterWeightsFile].flatMap((path) => files.get(path) ?? []);
}

/** Whether it holds an adapter of PEFT, with or without a model. */
function hasAdapter({ files }: HubRevision): boolean {
  return files.has(adapterConfigFile) && files.has(adapterWeightsFile);
}

function refuseRepository(files: HubRevision['files'], name: string): InputError {
  if (files.has(adapterConfigFile)) return refusePickles(files, name, adapterWeightsFile);
  const found = [...files.keys()].some((path) => path.endsWith('.gguf')) ? 'GGUF files' : 'no config.json';
  const fix = 'Choose the repository that holds the model itself; a GGUF file is opened from a path on this machine.';
  return refuse(name, found, 'config.json beside the weights', fix);
}

function refusePickles(
  files: HubRevision['files'],
  name: string,
  expected = `${singleFileName}, or ${indexFileName} and its shards`,
): InputError {
  const pickle = [...files.keys()].find((path) => /\.(bin|pt|pth|pkl|ckpt)$/.test(path));
  const found = pickle === undefined ? 'no weights' : `pickled weights only (${pickle}), which run code when read`;
  const fix =
    pickle === undefined
      ? 'Choose another model or revision.'
      : "Look for a revision with safetensors (often @refs/pr/1), or convert them on a machine that may be lost with the hub's own converter.";
  return refuse(name, found, expected, fix);
}

function refuse(field: string, found: string, expected: string, fix: string): InputError {
  return new InputError({ field, found, expected, fix });
}
