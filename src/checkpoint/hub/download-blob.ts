/**
 * Fetches one file of the hub into the cache: continues where an earlier attempt stopped, never writes more than was
 * announced, and gives the file its name only once its checksum is right.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from '../../errors.ts';
import { explainDiskFull } from '../../files/disk-space.ts';
import { exists } from '../../files/temporary-name.ts';
import type { HubClient } from './hub-client.ts';
import type { HubFile } from './hub-files.ts';

export interface BlobDownload {
  readonly file: HubFile;
  readonly url: string;
  /** Where the content is kept. */
  readonly path: string;
  /** Called with the bytes that are there, again and again; they may become fewer when a server starts over. */
  readonly onBytes?: (bytes: number) => void;
}

/** Milliseconds without a byte after which a connection is given up. */
const stallPatience = 60_000;

/** @throws InputError for a file that is not what was announced; HubUnreachable and others of `HubClient.request` */
export async function downloadBlob(client: HubClient, { file, url, path, onBytes }: BlobDownload): Promise<void> {
  if (await exists(path)) return onBytes?.(file.size);
  await mkdir(dirname(path), { recursive: true });
  // A name of our own: another program that fetches the same file at this moment writes elsewhere.
  const partial = `${path}.finery-incomplete`;
  const handle = await open(partial, 'a+');
  try {
    await complete(client, { file, url, handle, partial, onBytes });
    await handle.sync();
  } catch (error) {
    throw explainDiskFull(path, error);
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}

interface Partial extends Pick<BlobDownload, 'file' | 'url' | 'onBytes'> {
  readonly handle: FileHandle;
  readonly partial: string;
}

async function complete(client: HubClient, download: Partial): Promise<void> {
  const { file, handle, partial, onBytes } = download;
  let { size: have } = await handle.stat();
  if (have > file.size) have = await restart(handle);
  let hash = await hashOf(file, partial, have);
  onBytes?.(have);
  for (let failures = 0; have < file.size; ) {
    const before = have;
    const { from, body } = await ask(client, download, have);
    if (from === 0 && have > 0) {
      have = await restart(handle);
      hash = newHash(file);
    }
    try {
      for await (const chunk of withoutStalls(body)) {
        have += chunk.length;
        if (have > file.size) throw tooLong(client, file);
        hash.update(chunk);
        await handle.appendFile(chunk);
        onBytes?.(have);
      }
    } catch (error) {
      client.signal?.throwIfAborted();
      if (error instanceof InputError || isSystemError(error)) throw error;
    }
    if (have === file.size) break;
    failures = have > before ? 0 : failures + 1;
    if (failures > client.pauses.length) throw halfAnswer(client, file, have);
    if (failures > 0) await pause(client.pauses[failures - 1], undefined, { signal: client.signal });
  }
  const found = hash.digest('hex');
  if (found === file.checksum) return;
  await rm(partial, { force: true });
  throw refuse(client, file, `the checksum ${found}`, file.checksum, 'It was damaged on the way: try again.');
}

/** The rest of the file from `have` on, or the whole where a server knows no ranges. */
async function ask(client: HubClient, { file, url }: Partial, have: number) {
  const headers = new Headers({ 'Accept-Encoding': 'identity' });
  if (have > 0) headers.set('Range', `bytes=${have}-`);
  const response = await client.request(url, { headers, accepted: [416] });
  const { status, body } = response;
  if (status === 416) {
    await body?.cancel();
    return { from: 0, body: undefined };
  }
  if (status !== 206) return { from: 0, body };
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  if (Number(from) === have && Number(total) === file.size) return { from: have, body };
  await body?.cancel();
  const found = `the range ${JSON.stringify(response.headers.get('Content-Range'))}`;
  throw refuse(client, file, found, `bytes ${have} and on, of ${file.size}`, 'Try again.');
}

/** The chunks of a body; an error where none comes for too long. */
async function* withoutStalls(body: ReadableStream<Uint8Array> | null | undefined): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  let timer: NodeJS.Timeout | undefined;
  try {
    while (true) {
      const stall = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('the connection went silent')), stallPatience);
      });
      const { done, value } = await Promise.race([reader.read(), stall]);
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
}

async function restart(handle: FileHandle): Promise<0> {
  await handle.truncate(0);
  return 0;
}

/** Small files are named as git names them: by the SHA-1 of a header and the content. */
function newHash({ checksum, size }: HubFile): Hash {
  return checksum.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

async function hashOf(file: HubFile, path: string, bytes: number): Promise<Hash> {
  const hash = newHash(file);
  if (bytes > 0) for await (const chunk of createReadStream(path, { end: bytes - 1 })) hash.update(chunk);
  return hash;
}

/** Of the file that is written to; a connection that breaks has no path. */
const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && ['write', 'open', 'fsync'].includes(String(error.syscall));

function tooLong(client: HubClient, file: HubFile): InputError {
  return refuse(
    client,
    file,
    `more than ${file.size} bytes`,
    'the size that was announced',
    'Do not trust this server.',
  );
}

function halfAnswer(client: HubClient, file: HubFile, have: number): InputError {
  const fix = 'Give the command again: it goes on from there.';
  return refuse(client, file, `an end after ${have} bytes`, `${file.size} bytes`, fix);
}

function refuse(client: HubClient, { path }: HubFile, found: string, expected: string, fix: string): InputError {
  return new InputError({ field: `${client.id.name}, ${path}`, found, expected, fix });
}
