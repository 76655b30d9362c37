/**
 * From data files to a corpus of token ids. Files are tokenised in groups, and each group's result is kept in the cache
 * folder under the hash of everything that it depends on (tokenizer, file contents, reading options). So a second run reads
 * ids only, an interrupted one goes on with the group it was at, and a changed file costs its group.
 */

import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { hashFile } from '../files/hash-file.ts';
import type { Document } from './readers/document.ts';
import { type ReadDocumentsOptions, readDocuments } from './readers/read-documents.ts';
import { expandSources, type SourceFile } from './readers/sources.ts';
import { openShard, SHARD_VERSION, type Shard, ShardWriter } from './token-shard.ts';
import { TokenizedCorpus } from './tokenized-corpus.ts';

/** What tokenising needs of a tokenizer. */
export interface DocumentTokenizer {
  /** Hash of all that its output depends on. */
  readonly hash: string;
  readonly vocabSize: number;
  /** Ids of a text, without special tokens around it. */
  encode(text: string): Int32Array;
}

export interface TokenizeOptions extends ReadDocumentsOptions {
  readonly cacheDir: string;
  /** Field of a record whose value is kept as the document's group. */
  readonly groupField?: string;
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

interface TokenizeProgress {
  readonly source: string;
  /** Bytes of data files, as they lie on the disk, of the groups that are done. */
  readonly bytes: number;
  readonly totalBytes: number;
  readonly documents: number;
  readonly tokens: number;
}

/** Files are grouped up to this size: what an interruption can cost, and what many small files share a cache file for. */
const GROUP_BYTES = 32 * 2 ** 20;
const PROGRESS_DOCUMENTS = 200;

/**
 * The corpus of `sources`, tokenised or taken from the cache. Errors are those of `readDocuments`; in addition an `InputError`
 * if no document has a token.
 */
export async function tokenizeDocuments(
  sources: string | readonly string[],
  tokenizer: DocumentTokenizer,
  { cacheDir, onProgress, ...options }: TokenizeOptions,
): Promise<TokenizedCorpus> {
  const root = resolve(options.root ?? process.cwd());
  const { files } = await expandSources(sources, root);
  await mkdir(cacheDir, { recursive: true });
  const groups = await groupFiles(files);
  const totalBytes = groups.reduce((sum, group) => sum + group.bytes, 0);
  const shards: Shard[] = [];
  let bytes = 0;
  for (const group of groups) {
    const path = join(cacheDir, `${await groupKey(group.files, tokenizer, options)}.tokens`);
    const known = await openShard(path);
    const report = (progress: Omit<TokenizeProgress, 'bytes' | 'totalBytes'>) =>
      onProgress?.({ ...progress, bytes, totalBytes });
    shards.push(known ?? (await tokenizeGroup(group.files, tokenizer, path, { ...options, root }, report)));
    bytes += group.bytes;
    const { documents, tokens } = shards.at(-1) as Shard;
    report({ source: group.files.at(-1)?.source ?? '', documents, tokens });
  }
  const corpus = new TokenizedCorpus(shards);
  if (corpus.tokens > 0) return corpus;
  const { records, problems } = corpus.skipped;
  throw new InputError({
    field: problems[0]?.field ?? String(sources),
    found: `no text that gives a token (${records} records skipped, the first for ${problems[0]?.found ?? 'no reason'})`,
    expected: problems[0]?.expected ?? 'at least one document',
    fix: 'Check that these are the right files and that textField fits them.',
  });
}

/** The value of a document's field as text; `undefined` where it has none. */
export function groupOf({ metadata }: Pick<Document, 'metadata'>, field: string | undefined): string | undefined {
  const value = field === undefined ? undefined : metadata[field];
  return value === undefined || value === null ? undefined : String(value);
}

interface FileGroup {
  readonly files: SourceFile[];
  bytes: number;
}

async function groupFiles(files: readonly SourceFile[]): Promise<FileGroup[]> {
  const groups: FileGroup[] = [];
  for (const file of files) {
    const { size } = await stat(file.path);
    const last = groups.at(-1);
    if (last === undefined || last.bytes + size > GROUP_BYTES) groups.push({ files: [file], bytes: size });
    else {
      last.files.push(file);
      last.bytes += size;
    }
  }
  return groups;
}

/** Names are part of the key because documents without an id of their own are named by them. */
async function groupKey(
  files: readonly SourceFile[],
  { hash, vocabSize }: DocumentTokenizer,
  { textField, textUnit, onBadLine, limits, groupField }: Omit<TokenizeOptions, 'cacheDir'>,
): Promise<string> {
  const digest = createHash('sha256');
  digest.update(JSON.stringify({ SHARD_VERSION, hash, vocabSize, textField, textUnit, onBadLine, limits, groupField }));
  for (const { path, source } of files) digest.update(JSON.stringify([source, await hashFile(path)]));
  return digest.digest('hex');
}

async function tokenizeGroup(
  files: readonly SourceFile[],
  tokenizer: DocumentTokenizer,
  path: string,
  { groupField, ...options }: Omit<TokenizeOptions, 'cacheDir'>,
  report: (progress: Omit<TokenizeProgress, 'bytes' | 'totalBytes'>) => void,
): Promise<Shard> {
  const documents = readDocuments(
    files.map((file) => file.path),
    { ...options, allowNothing: true },
  );
  const writer = await ShardWriter.create(path, tokenizer.vocabSize);
  try {
    for await (const document of documents) {
      const { id, text, source } = document;
      const ids = tokenizer.encode(text);
      await writer.add(ids, { id, source, group: groupOf(document, groupField), bytes: Buffer.byteLength(text) });
      if (writer.documents % PROGRESS_DOCUMENTS === 0) {
        report({ source, documents: writer.documents, tokens: writer.tokens });
      }
    }
    await writer.finish(documents.report);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const shard = await openShard(path);
  if (shard === undefined) throw new Error(`${path} cannot be read back`);
  return shard;
}
