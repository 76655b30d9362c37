import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type DocumentTokenizer, tokenizeDocuments } from './tokenize.ts';
import type { TokenizedCorpus } from './tokenized-corpus.ts';

let root: string;
let cacheDir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokenize-'));
  cacheDir = join(root, '.cache', 'tokens');
});
afterEach(() => rmSync(root, { recursive: true }));

/** Bytes as tokens, with a count of the texts that it was given. */
function byteTokenizer(overrides: Partial<DocumentTokenizer> = {}) {
  const tokenizer = {
    hash: 'bytes',
    vocabSize: 256,
    calls: 0,
    encode(text: string): Int32Array {
      tokenizer.calls++;
      return Int32Array.from(Buffer.from(text));
    },
    ...overrides,
  };
  return tokenizer;
}

function texts(corpus: TokenizedCorpus): string[] {
  return Array.from({ length: corpus.documents }, (_, d) => Buffer.from(corpus.ids(d)).toString());
}

function writeCorpus(): void {
  writeFileSync(join(root, 'a.jsonl'), '{"id":"x","text":"één"}\n{"text":"two"}\n{"text":" "}\n');
  writeFileSync(join(root, 'b.txt'), 'three four');
}

describe('tokenizeDocuments', () => {
  it('gives ids, names, lengths and totals', async () => {
    writeCorpus();
    const corpus = await tokenizeDocuments('.', byteTokenizer(), { root, cacheDir });
    expect(texts(corpus)).toEqual(['één', 'two', 'three four']);
    expect([0, 1, 2].map((d) => corpus.name(d))).toEqual([
      { id: 'x', source: 'a.jsonl' },
      { id: 'a.jsonl:2', source: 'a.jsonl' },
      { id: 'b.txt:1', source: 'b.txt' },
    ]);
    expect([0, 1, 2].map((d) => [corpus.length(d), corpus.byteLength(d)])).toEqual([
      [5, 5],
      [3, 3],
      [10, 10],
    ]);
    expect(corpus).toMatchObject({ documents: 3, tokens: 18, bytes: 18 });
    expect(corpus.statistics()).toEqual([
      { source: 'a.jsonl', documents: 2, tokens: 8, bytes: 8 },
      { source: 'b.txt', documents: 1, tokens: 10, bytes: 10 },
    ]);
    expect(corpus.skipped).toEqual({ records: 0, empty: 1, problems: [] });
    expect(() => corpus.ids(3)).toThrow();
  });

  it('reads ids only the second time, equal in all', async () => {
    writeCorpus();
    const first = byteTokenizer();
    const corpus = await tokenizeDocuments('.', first, { root, cacheDir });
    const second = byteTokenizer();
    const again = await tokenizeDocuments('.', second, { root, cacheDir });
    expect([first.calls, second.calls]).toEqual([3, 0]);
    expect(again.hash).toBe(corpus.hash);
    expect(texts(again)).toEqual(texts(corpus));
    expect(again.skipped).toEqual(corpus.skipped);
  });

  it('tokenises again when tokenizer, content or options change', async () => {
    writeCorpus();
    const calls = async (overrides: Partial<DocumentTokenizer>, options = {}) => {
      const tokenizer = byteTokenizer(overrides);
      await tokenizeDocuments('.', tokenizer, { root, cacheDir, ...options });
      return tokenizer.calls;
    };
    expect(await calls({})).toBe(3);
    expect(await calls({ hash: 'other' })).toBe(3);
    expect(await calls({}, { textUnit: 'line' })).toBe(3);
    expect(await calls({})).toBe(0);
    writeFileSync(join(root, 'b.txt'), 'changed');
    expect(await calls({})).toBe(3);
  });

  it('keeps finished groups when interrupted, and leaves no half file', async () => {
    // Two groups: the first file alone is over the size of one.
    writeFileSync(join(root, 'a.txt'), 'x'.repeat(33 * 2 ** 20));
    writeFileSync(join(root, 'b.jsonl'), '{"text":"one"}\n{"text":"two"}\n');
    const failing = byteTokenizer({
      encode(text) {
        if (text === 'two') throw new Error('power cut');
        return Int32Array.of(1, 2, 3);
      },
    });
    await expect(tokenizeDocuments('.', failing, { root, cacheDir })).rejects.toThrow('power cut');
    expect(readdirSync(cacheDir).map((name) => name.replace(/^.{64}/, ''))).toEqual(['.tokens']);
    const resumed = byteTokenizer();
    const corpus = await tokenizeDocuments('.', resumed, { root, cacheDir });
    expect(resumed.calls).toBe(2);
    expect([...corpus.ids(0)]).toEqual([1, 2, 3]);
    expect(corpus.documents).toBe(3);
  });

  it('makes a cache file again that was cut at any place or changed in any byte', async () => {
    writeCorpus();
    const corpus = await tokenizeDocuments('.', byteTokenizer(), { root, cacheDir });
    const path = join(cacheDir, readdirSync(cacheDir)[0]);
    const intact = readFileSync(path);
    for (let at = 0; at < intact.length; at += 7) {
      const changed = Buffer.from(intact);
      changed[at] ^= 0x20;
      for (const damage of [() => truncateSync(path, at), () => writeFileSync(path, changed)]) {
        writeFileSync(path, intact);
        damage();
        const again = await tokenizeDocuments('.', byteTokenizer(), { root, cacheDir });
        expect(texts(again)).toEqual(texts(corpus));
      }
    }
  });

  it('holds ids beyond 16 bits where the vocabulary needs them', async () => {
    writeCorpus();
    const ids = Int32Array.of(0, 65_535, 65_536, 99_999);
    const large = byteTokenizer({ vocabSize: 100_000, encode: () => ids });
    const corpus = await tokenizeDocuments('b.txt', large, { root, cacheDir });
    expect(corpus.ids(0)).toEqual(ids);
    const small = byteTokenizer({ vocabSize: 65_536, encode: () => Int32Array.of(0, 65_535) });
    expect((await tokenizeDocuments('b.txt', small, { root, cacheDir })).ids(0)).toEqual(Uint16Array.of(0, 65_535));
  });

  it('refuses ids outside the vocabulary: they would wrap in 16 bits', async () => {
    writeCorpus();
    for (const id of [-1, 256]) {
      const broken = byteTokenizer({ encode: () => Int32Array.of(id) });
      await expect(tokenizeDocuments('.', broken, { root, cacheDir })).rejects.toThrow(`id ${id} of 256`);
    }
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it('passes on bad lines, reports what was skipped also from the cache, and refuses a corpus of nothing', async () => {
    writeFileSync(join(root, 'a.jsonl'), '{"text":"one"}\n{"text"\n');
    await expect(tokenizeDocuments('.', byteTokenizer(), { root, cacheDir })).rejects.toThrow(/a\.jsonl, line 2/);
    for (let run = 0; run < 2; run++) {
      const corpus = await tokenizeDocuments('.', byteTokenizer(), { root, cacheDir, onBadLine: 'skip' });
      expect(corpus.skipped).toMatchObject({ records: 1, problems: [{ field: 'a.jsonl, line 2' }] });
    }
    writeFileSync(join(root, 'a.jsonl'), '{"body":"one"}\n');
    const nothing = tokenizeDocuments('.', byteTokenizer(), { root, cacheDir, onBadLine: 'skip' });
    await expect(nothing).rejects.toThrow(InputError);
    await expect(nothing).rejects.toThrow(/a\.jsonl, line 1: found no text that gives a token \(1 records skipped/);
  });

  it('reports progress up to the whole', async () => {
    writeCorpus();
    const seen: number[] = [];
    await tokenizeDocuments('.', byteTokenizer(), {
      root,
      cacheDir,
      onProgress: ({ bytes, totalBytes }) => seen.push(bytes / totalBytes),
    });
    expect(seen.at(-1)).toBe(1);
  });
});
