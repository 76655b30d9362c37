/**
 * A file of tokenised documents. Sections follow one another; the footer at the end says how long they are, so that the file is
 * written in one go and a file without its footer is known to be incomplete:
 *
 *     ids            tokens of all documents, one after another: Uint16 for vocabularies up to 65,536, else Int32
 *     starts         Float64 [documents + 1], place of each document's first token
 *     byteLengths    Uint32 [documents], UTF-8 bytes of each text
 *     names          JSON: {"sources": [...], "source": [index by document], "id": [by document], "group": [by document]}
 *     footer         JSON: version, counts, section lengths, SHA-256 of the sections, report of the reading
 *     its length     Uint32, then the magic "FNTK"
 *
 * Little-endian. It is a cache: whatever does not verify is taken as missing and made again.
 */

import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import type { ReadReport } from './readers/document.ts';
import type { TokenArray } from './token-store.ts';

export const SHARD_VERSION = 2;

const MAGIC = 'FNTK';
const TAIL_BYTES = 8;
const MAX_FOOTER_BYTES = 2 ** 24;
/** Ids gathered before they are written. */
const FLUSH_BYTES = 2 ** 20;
/** One read or write call moves at most this much; the system's own limit is 2 GiB. */
const CHUNK_BYTES = 2 ** 28;

export interface DocumentName {
  readonly id: string;
  readonly source: string;
  /** What the document shares with others that go to the same side of a split, where it was asked for. */
  readonly group?: string;
}

export interface Shard {
  readonly hash: string;
  readonly documents: number;
  readonly tokens: number;
  readonly ids: TokenArray;
  readonly starts: Float64Array;
  readonly byteLengths: Uint32Array;
  name(document: number): DocumentName;
  readonly report: ReadReport;
}

const count = z.number().int().nonnegative();
const footerSchema = z.object({
  version: z.literal(SHARD_VERSION),
  documents: count,
  tokens: count,
  bytesPerToken: z.union([z.literal(2), z.literal(4)]),
  namesBytes: count,
  sha256: z.string(),
  report: z.object({
    files: count,
    records: count,
    skipped: count,
    problems: z.array(z.object({ field: z.string(), found: z.string(), expected: z.string(), fix: z.string() })),
    empty: count,
    ignored: z.array(z.string()),
  }),
});
type Footer = z.infer<typeof footerSchema>;

const namesSchema = z.object({
  sources: z.array(z.string()),
  source: z.array(count),
  id: z.array(z.string()),
  group: z.array(z.string().nullable()),
});

export class ShardWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #vocabSize: number;
  readonly #digest: Hash = createHash('sha256');
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  readonly #starts: number[] = [0];
  readonly #byteLengths: number[] = [];
  readonly #sources = new Map<string, number>();
  readonly #source: number[] = [];
  readonly #ids: string[] = [];
  readonly #groups: (string | null)[] = [];

  private constructor(path: string, temporary: string, file: FileHandle, vocabSize: number) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#vocabSize = vocabSize;
  }

  static async create(path: string, vocabSize: number): Promise<ShardWriter> {
    // A name of its own, so that two processes that make the same shard do not write into one file.
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    return new ShardWriter(path, temporary, await open(temporary, 'wx'), vocabSize);
  }

  get documents(): number {
    return this.#ids.length;
  }

  get tokens(): number {
    return this.#starts[this.#starts.length - 1];
  }

  async add(ids: Int32Array, { id, source, group, bytes }: DocumentName & { readonly bytes: number }): Promise<void> {
    const outside = ids.find((token) => token < 0 || token >= this.#vocabSize);
    if (outside !== undefined) throw new Error(`the tokenizer gave id ${outside} of ${this.#vocabSize} (${id})`);
    const compact = bytesPerToken(this.#vocabSize) === 2 ? Uint16Array.from(ids) : ids.slice();
    this.#waiting.push(new Uint8Array(compact.buffer));
    this.#waitingBytes += compact.byteLength;
    this.#starts.push(this.tokens + ids.length);
    this.#byteLengths.push(bytes);
    if (!this.#sources.has(source)) this.#sources.set(source, this.#sources.size);
    this.#source.push(this.#sources.get(source) ?? 0);
    this.#ids.push(id);
    this.#groups.push(group ?? null);
    if (this.#waitingBytes >= FLUSH_BYTES) await this.#flush();
  }

  /** Writes what remains, makes it durable and gives the file its name. */
  async finish(report: ReadReport): Promise<void> {
    await this.#flush();
    await this.#write(bytesOf(Float64Array.from(this.#starts)));
    await this.#write(bytesOf(Uint32Array.from(this.#byteLengths)));
    const names = Buffer.from(
      JSON.stringify({
        sources: [...this.#sources.keys()],
        source: this.#source,
        id: this.#ids,
        group: this.#groups,
      }),
    );
    await this.#write(names);
    const footer: Footer = {
      version: SHARD_VERSION,
      documents: this.documents,
      tokens: this.tokens,
      bytesPerToken: bytesPerToken(this.#vocabSize),
      namesBytes: names.length,
      sha256: this.#digest.digest('hex'),
      report,
    };
    const json = Buffer.from(JSON.stringify(footer));
    const tail = Buffer.alloc(TAIL_BYTES);
    tail.writeUInt32LE(json.length);
    tail.write(MAGIC, 4, 'latin1');
    await writeAll(this.#file, Buffer.concat([json, tail]));
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#temporary, this.#path);
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#digest.update(bytes);
    await writeAll(this.#file, bytes);
  }
}

/** Loads a shard into memory; `undefined` if it is missing, of another version or damaged. */
export async function openShard(path: string): Promise<Shard | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return await loadShard(file);
  } finally {
    await file.close();
  }
}

async function loadShard(file: FileHandle): Promise<Shard | undefined> {
  const { size } = await file.stat();
  const footer = await readFooter(file, size);
  if (footer === undefined) return undefined;
  const { documents, tokens, namesBytes, sha256, report } = footer.content;
  const lengths = [tokens * footer.content.bytesPerToken, (documents + 1) * 8, documents * 4, namesBytes];
  if (lengths.reduce((a, b) => a + b) !== footer.start) return undefined;

  const digest = createHash('sha256');
  const sections: ArrayBuffer[] = [];
  let offset = 0;
  for (const length of lengths) {
    const section = new Uint8Array(length);
    if (!(await readAll(file, section, offset))) return undefined;
    digest.update(section);
    sections.push(section.buffer);
    offset += length;
  }
  if (digest.digest('hex') !== sha256) return undefined;
  const [ids, starts, byteLengths, names] = sections;
  const { sources, source, id, group } = namesSchema.parse(JSON.parse(Buffer.from(names).toString()));
  return {
    hash: sha256,
    documents,
    tokens,
    ids: footer.content.bytesPerToken === 2 ? new Uint16Array(ids) : new Int32Array(ids),
    starts: new Float64Array(starts),
    byteLengths: new Uint32Array(byteLengths),
    name: (document) => ({
      id: id[document],
      source: sources[source[document]],
      group: group[document] ?? undefined,
    }),
    report,
  };
}

async function readFooter(file: FileHandle, size: number): Promise<{ content: Footer; start: number } | undefined> {
  const tail = Buffer.alloc(TAIL_BYTES);
  if (size < TAIL_BYTES || !(await readAll(file, tail, size - TAIL_BYTES))) return undefined;
  if (tail.toString('latin1', 4) !== MAGIC) return undefined;
  const length = tail.readUInt32LE(0);
  const start = size - TAIL_BYTES - length;
  if (length > MAX_FOOTER_BYTES || start < 0) return undefined;
  const json = Buffer.alloc(length);
  if (!(await readAll(file, json, start))) return undefined;
  try {
    const parsed = footerSchema.safeParse(JSON.parse(json.toString()));
    return parsed.success ? { content: parsed.data, start } : undefined;
  } catch {
    return undefined;
  }
}

function bytesPerToken(vocabSize: number): 2 | 4 {
  return vocabSize <= 65_536 ? 2 : 4;
}

function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(CHUNK_BYTES, bytes.length - at));
    at += bytesWritten;
  }
}

async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, Math.min(CHUNK_BYTES, into.length - at), position + at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}
