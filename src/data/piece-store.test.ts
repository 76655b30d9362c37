import { expect, it } from 'vitest';
import { pieceStore } from './piece-store.ts';
import { memoryStore } from './token-store.ts';

const END = 9;
const documents = [[1, 2, 3, 4, 5], [6], [], [7, 8, END], [1, 2, 3, 4]];
const store = memoryStore(documents.map((ids) => ({ ids: Int32Array.from(ids) })));
const all = (options: Parameters<typeof pieceStore>[1]) => {
  const pieces = pieceStore(store, options);
  return Array.from({ length: pieces.documents }, (_, i) => {
    expect(pieces.length(i)).toBe(pieces.ids(i).length);
    return [...pieces.ids(i)];
  });
};

it('cuts documents, ends the last piece of each once, and leaves empty ones out', () => {
  expect(all({ length: 4, endId: END })).toEqual([[1, 2, 3, 4], [5, END], [6, END], [7, 8, END], [1, 2, 3, 4], [END]]);
  expect(all({ length: 8 })).toEqual([[1, 2, 3, 4, 5], [6], [7, 8, END], [1, 2, 3, 4]]);
});

it('keeps marks, and learns the end', () => {
  const marked = memoryStore([{ ids: Int32Array.of(1, 2, 3), trained: Uint8Array.of(0, 1, 0) }]);
  const pieces = pieceStore(marked, { length: 2, endId: END });
  expect([0, 1].map((i) => [...pieces.trained!(i)!])).toEqual([
    [0, 1],
    [0, 1],
  ]);
});

it('is another store for other pieces', () => {
  const hashes = [{ length: 4 }, { length: 5 }, { length: 4, endId: END }].map((o) => pieceStore(store, o).hash);
  expect(new Set(hashes).size).toBe(3);
});
