/** Files that a worker has open, for reads and writes at given places. Synchronous: a worker has nothing else to do meanwhile. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { damaged } from '../../checkpoint/safetensors/header.ts';

export class FileTable {
  readonly #open = new Map<string, number>();

  /** Fills `target` with the bytes from `position` on. */
  read(path: string, target: Uint8Array, position: number): void {
    const file = this.#file(path, 'r');
    for (let done = 0; done < target.length; ) {
      const count = readSync(file, target, done, target.length - done, position + done);
      if (count === 0) throw damaged(path, `an end at byte ${position + done}`, 'the length it had when it was opened');
      done += count;
    }
  }

  write(path: string, bytes: Uint8Array, position: number): void {
    const file = this.#file(path, 'r+');
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, position + done);
    }
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #file(path: string, flags: 'r' | 'r+'): number {
    const key = `${flags} ${path}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const opened = openSync(path, flags);
    this.#open.set(key, opened);
    return opened;
  }
}
