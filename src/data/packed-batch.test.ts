import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packStore } from './pack-store.ts';
import { IGNORED, layOut, type PackedBatch } from './packed-batch.ts';
import { PackingBuffer } from './packing-buffer.ts';
import type { LongDocuments, Piece } from './pieces.ts';
import { memoryStore, subStore, type TokenStore } from './token-store.ts';

const END = 1000;

function store(documents: readonly (readonly number[])[]): TokenStore {
  return memoryStore(documents.map((ids) => ({ ids: Int32Array.from(ids) })));
}

function piece(of: Partial<Piece>): Piece {
  return { source: 0, index: 0, document: 0, start: 0, length: 1, parts: 1, ...of };
}

/** What a batch says: its segments as lists of ids, and every (context, target) pair that it asks for. */
function unpack(batch: PackedBatch): { ids: number[]; labels: number[]; positions: number[] }[] {
  const found: { ids: number[]; labels: number[]; positions: number[] }[] = [];
  for (let row = 0; row < batch.rows; row++) {
    for (let at = row * batch.length, last = 0; at < (row + 1) * batch.length; at++) {
      const segment = batch.segments[at];
      if (segment === 0) continue;
      if (segment !== last) found.push({ ids: [], labels: [], positions: [] });
      last = segment;
      found.at(-1)?.ids.push(batch.ids[at]);
      found.at(-1)?.labels.push(batch.labels[at]);
      found.at(-1)?.positions.push(batch.positions[at]);
    }
  }
  return found;
}

describe('layOut', () => {
  it('gives the batch that its description shows', () => {
    const pieces: Piece[] = [piece({ document: 0, length: 4 }), piece({ document: 1, length: 2 })];
    const options = { rows: 2, length: 8, endId: END, padId: 0 };
    const batch = layOut([pieces], [store([[7, 3, 9], [4]])], options);
    const nothing = new Array(8).fill(0);
    expect([...batch.ids]).toEqual([7, 3, 9, END, 4, END, 0, 0, ...nothing]);
    expect([...batch.segments]).toEqual([1, 1, 1, 1, 2, 2, 0, 0, ...nothing]);
    expect([...batch.positions]).toEqual([0, 1, 2, 3, 0, 1, 0, 0, ...nothing]);
    expect([...batch.labels]).toEqual([3, 9, END, -1, END, -1, -1, -1, ...new Array(8).fill(-1)]);
    expect(batch).toMatchObject({ labelCount: 4, tokens: 6, examples: 2, rows: 2, length: 8 });
  });

  it('learns only what is marked, the end token always', () => {
    const marked = memoryStore([{ ids: Int32Array.of(1, 2, 3, 4), trained: Uint8Array.of(0, 0, 1, 0) }]);
    const batch = layOut([[piece({ length: 5 })]], [marked], { rows: 1, length: 6, endId: END });
    expect([...batch.labels]).toEqual([-1, 3, -1, END, -1, -1]);
    expect(batch.labelCount).toBe(2);
  });

  it('marks of a later piece are those of its tokens', () => {
    const marked = memoryStore([{ ids: Int32Array.of(1, 2, 3, 4), trained: Uint8Array.of(1, 1, 0, 1) }]);
    const batch = layOut([[piece({ start: 1, length: 3 })]], [marked], { rows: 1, length: 3 });
    expect([...batch.labels]).toEqual([-1, 4, -1]);
  });

  it('refuses pieces that do not fit or do not exist', () => {
    const one = store([[1, 2, 3]]);
    const whole = piece({ length: 3 });
    expect(() => layOut([[whole, whole]], [one], { rows: 1, length: 5 })).toThrow(/longer than 5/);
    expect(() => layOut([[whole], [whole]], [one], { rows: 1, length: 5 })).toThrow(/2 rows/);
    expect(() => layOut([[{ ...whole, length: 4 }]], [one], { rows: 1, length: 5 })).toThrow(/shorter than its piece/);
  });
});

const corpora = fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }), { minLength: 1, maxLength: 30 });

describe('packStore', () => {
  it('loses nothing and predicts nothing across documents, for any corpus', () => {
    fc.assert(
      fc.property(
        corpora,
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        (documents, length, rows) => {
          // Ids that say where they are from: document * 100 + place.
          const tagged = documents.map((ids, d) => ids.map((_, i) => d * 100 + i));
          const packed = packStore(store(tagged), { length, rows, endId: 99_999, padId: 0 });
          const segments = [...packed.batches()].flatMap(unpack);
          // Put together again, in order of their first place, the segments are the documents with their end tokens.
          const rebuilt = new Map<number, number[]>();
          const bodies = segments.filter(({ ids }) => ids[0] !== 99_999).sort((a, b) => a.ids[0] - b.ids[0]);
          for (const { ids } of bodies) {
            const d = Math.floor(ids[0] / 100);
            rebuilt.set(d, [...(rebuilt.get(d) ?? []), ...ids.filter((id) => id !== 99_999)]);
          }
          expect([...rebuilt].map(([d, ids]) => [d, ids.join()])).toEqual(
            tagged.map((ids, d) => [d, ids.join()] as const).filter(([, ids]) => ids !== ''),
          );
          const full = tagged.filter((ids) => ids.length > 0);
          expect(segments.flatMap(({ ids }) => ids).filter((id) => id === 99_999).length).toBe(full.length);
          for (const { ids, labels, positions } of segments) {
            expect(labels).toEqual([...ids.slice(1), IGNORED]);
            expect(positions).toEqual(ids.map((_, i) => i));
            const origins = new Set(ids.filter((id) => id !== 99_999).map((id) => Math.floor(id / 100)));
            expect(origins.size).toBeLessThanOrEqual(1);
          }
          expect(packed.counts.documents).toBe(documents.length);
          expect(packed.counts.extraPieces).toBe(segments.length - full.length);
          expect(packed.counts.lostTokens).toBe(0);
          expect(packed.counts.empty).toBe(documents.length - full.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('label counts are those of the labels, fill and examples those of the segments', () => {
    const packed = packStore(store([[1, 2, 3], [4, 5], [6], [7, 8, 9, 10, 11, 12]]), {
      length: 5,
      rows: 2,
      endId: END,
    });
    const batches = [...packed.batches()];
    for (const batch of batches) {
      expect(batch.labelCount).toBe(batch.labels.filter((label) => label !== IGNORED).length);
      expect(batch.tokens).toBe(batch.segments.filter((segment) => segment !== 0).length);
      expect(batch.examples).toBe(unpack(batch).length);
    }
    const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    expect(tokens).toBe(3 + 2 + 1 + 6 + 4);
    expect(packed.fill).toBe(tokens / (packed.rows * 5));
    expect([...packed.batches()]).toEqual(batches);
  });

  it.each<[LongDocuments, number[][], Partial<Record<string, number>>]>([
    [
      'split',
      [
        [1, 2, 3, 4],
        [5, END],
      ],
      { long: 1, extraPieces: 1, lostTokens: 0 },
    ],
    ['truncate', [[1, 2, 3, 4]], { long: 1, extraPieces: 0, lostTokens: 2 }],
    ['skip', [], { long: 1, extraPieces: 0, lostTokens: 6 }],
  ])('long documents: %s, and counted', (long, segments, counts) => {
    const packed = packStore(store([[1, 2, 3, 4, 5]]), { length: 4, rows: 1, endId: END, long });
    expect([...packed.batches()].flatMap(unpack).map(({ ids }) => ids)).toEqual(segments);
    expect(packed.counts).toMatchObject(counts);
  });

  it('does not double an end token that is there, nor add one that was not asked for', () => {
    const ended = packStore(store([[1, END]]), { length: 4, rows: 1, endId: END });
    expect([...ended.batches()].flatMap(unpack).map(({ ids }) => ids)).toEqual([[1, END]]);
    const bare = packStore(store([[1, 2]]), { length: 4, rows: 1 });
    expect([...bare.batches()].flatMap(unpack).map(({ ids }) => ids)).toEqual([[1, 2]]);
  });

  it('works on a split of a store', () => {
    const part = subStore(
      store([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      Int32Array.of(2, 0),
    );
    const packed = packStore(part, { length: 2, rows: 1 });
    expect([...packed.batches()].map(({ ids }) => [...ids])).toEqual([
      [5, 6],
      [1, 2],
    ]);
  });
});

describe('PackingBuffer', () => {
  it('starts with the oldest and fills up with the longest that fits', () => {
    const buffer = new PackingBuffer(10);
    for (const [document, length] of [4, 9, 3, 5, 6, 5].entries()) buffer.add(piece({ document, length }));
    const taken = () => buffer.takeRow().map(({ document }) => document);
    expect([taken(), taken(), taken(), taken(), taken()]).toEqual([[0, 4], [1], [2, 3], [5], []]);
  });

  it('gives every piece once, within as many rows as pieces waited, and is restored from its pieces', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 120 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 20 }), (all, waiting) => {
        let buffer = new PackingBuffer(40);
        const arrival = new Map<number, number>();
        const seen: number[] = [];
        let next = 0;
        for (let row = 0; ; row++) {
          while (buffer.size < waiting && next < all.length) {
            arrival.set(next, row);
            buffer.add(piece({ document: next, length: all[next++] }));
          }
          const copy = new PackingBuffer(40);
          for (const pending of buffer.pending()) copy.add(pending);
          const taken = buffer.takeRow();
          expect(copy.takeRow()).toEqual(taken);
          // Go on with the restored one: whatever it has lost would show in later rows.
          buffer = copy;
          if (taken.length === 0) break;
          expect(taken.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(40);
          for (const { document } of taken) {
            expect(row - (arrival.get(document) ?? Number.NaN)).toBeLessThan(waiting);
            seen.push(document);
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
      }),
    );
  });
});
