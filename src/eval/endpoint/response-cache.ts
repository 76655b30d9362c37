/**
 * Replies on disk, one file for each request, so that a run that is repeated or was interrupted asks nothing twice. A file
 * appears whole or not at all; one that is broken, or holds another request, counts as missing and is written anew.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';

const layoutVersion = 1;

/** The largest file that is read; replies are bounded well below. */
const maximumBytes = 256 * 2 ** 20;

const entrySchema = z.strictObject({
  version: z.literal(layoutVersion),
  request: z.string(),
  /** As it came: what is nested deeply enough can be parsed, but not written again. */
  reply: z.string(),
  /** Of the reply: disks and people change files. */
  sha256: z.string(),
});

export class ResponseCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param request everything that the reply depends on; the same text for the same request */
  async get(request: string): Promise<string | undefined> {
    const text = await readText(this.#path(request));
    const entry = text === undefined ? undefined : entrySchema.safeParse(parse(text)).data;
    if (entry?.request !== request || sha256(entry.reply) !== entry.sha256) return undefined;
    return entry.reply;
  }

  /** @throws UsageError if the folder cannot be written to */
  async put(request: string, reply: string): Promise<void> {
    const entry = { version: layoutVersion, request, reply, sha256: sha256(reply) };
    try {
      await writeFileAtomically(this.#path(request), JSON.stringify(entry));
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      throw new UsageError(
        {
          field: this.#folder,
          found: `a folder that cannot be written to (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
          expected: 'a folder for replies of endpoints',
          fix: 'Point FINERY_CACHE at another folder, or do without the cache.',
        },
        { cause },
      );
    }
  }

  #path(request: string): string {
    const hash = sha256(request);
    // Folders of a 256th of the files stay quick to list.
    return join(this.#folder, hash.slice(0, 2), `${hash}.json`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const status = await file.stat();
      return status.isFile() && status.size <= maximumBytes ? await file.readFile('utf8') : undefined;
    } finally {
      await file.close();
    }
  } catch {
    // Whatever keeps a file from being read, asking again is right.
    return undefined;
  }
}
