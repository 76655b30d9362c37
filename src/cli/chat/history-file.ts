/**
 * Messages of earlier chats, for the arrow keys: one JSON string a line, oldest first. Only its owner may read the file.
 * It is a comfort: what goes wrong with it never stops a chat.
 */
import { appendFile, chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.ts';

export const maximumEntries = 1000;
const maximumEntryLength = 10_000;
/** What is read of a file, from its end. */
const maximumBytes = 2 ** 20;

export class HistoryFile {
  readonly #path: string;
  readonly #onError: (error: Error) => void;

  /** @param onError is told of the first failure; then the file is left alone */
  constructor(path: string, onError: (error: Error) => void) {
    this.#path = path;
    let hasFailed = false;
    this.#onError = (error) => {
      if (!hasFailed) onError(error);
      hasFailed = true;
    };
  }

  /** Entries, newest first. A file that has grown far beyond the bound is cut. */
  async read(): Promise<string[]> {
    try {
      const lines = await lastLines(this.#path);
      const entries = lines.flatMap(parseEntry);
      const kept = entries.slice(-maximumEntries);
      if (entries.length > 2 * maximumEntries) await this.#rewrite(kept);
      return kept.reverse();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#onError(error as Error);
      return [];
    }
  }

  /** Adds the newest entry. Chats at the same time add to the same file. */
  async add(entry: string): Promise<void> {
    if (entry.length > maximumEntryLength) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await appendFile(this.#path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      // The mode above is for a new file only.
      await chmod(this.#path, 0o600);
    } catch (error) {
      this.#onError(error as Error);
    }
  }

  async #rewrite(entries: readonly string[]): Promise<void> {
    await writeFileAtomically(this.#path, async (file) => {
      await file.chmod(0o600);
      await file.writeFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    });
  }
}

async function lastLines(path: string): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - maximumBytes);
    const bytes = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    const lines = bytes.toString('utf8', 0, bytesRead).split('\n');
    // Where the file was cut, its first line is half a line.
    return start > 0 ? lines.slice(1) : lines;
  } finally {
    await file.close();
  }
}

/** A line that is no JSON string is passed over. */
function parseEntry(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'string' && entry !== '' && entry.length <= maximumEntryLength ? [entry] : [];
  } catch {
    return [];
  }
}
