import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HistoryFile, maximumEntries } from './history-file.ts';

let folder: string;
let path: string;
const onError = vi.fn();
const open = () => new HistoryFile(path, onError);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-history-'));
  path = join(folder, 'chat', 'history.jsonl');
  onError.mockClear();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('HistoryFile', () => {
  it('keeps messages of any kind, newest first, for its owner alone', async () => {
    expect(await open().read()).toEqual([]);
    for (const entry of ['first', 'two\nlines', 'ctrl \x1b[2J ☃']) await open().add(entry);
    expect(await open().read()).toEqual(['ctrl \x1b[2J ☃', 'two\nlines', 'first']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    await open().add('later');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(onError).not.toHaveBeenCalled();
  });

  it('is bounded, in entries and in their length', async () => {
    mkdirSync(join(folder, 'chat'));
    const many = Array.from({ length: 2 * maximumEntries + 1 }, (_, i) => JSON.stringify(`entry ${i}`));
    writeFileSync(path, `${many.join('\n')}\n`, { mode: 0o644 });
    await open().add('x'.repeat(1e6));
    expect(statSync(path).size).toBeLessThan(1e5);
    const entries = await open().read();
    expect(entries).toHaveLength(maximumEntries);
    expect(entries[0]).toBe(`entry ${2 * maximumEntries}`);
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(maximumEntries);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('reads the end of a file that is far too long, and passes over what is no entry', async () => {
    mkdirSync(join(folder, 'chat'));
    writeFileSync(path, `"old"\n"${'x'.repeat(3e6)}"\nnull\n{"a":1}\n"broken\n"good"\n`);
    expect(await open().read()).toEqual(['good']);
  });

  it('tells once that it cannot be kept, and goes on', async () => {
    writeFileSync(join(folder, 'chat'), 'a file where the folder should be');
    const history = open();
    expect(await history.read()).toEqual([]);
    await history.add('lost');
    await history.add('lost');
    expect(onError).toHaveBeenCalledTimes(1);
  });
});
