import { expect, it } from 'vitest';
import { pieceLength } from './piece-length.ts';

it('cuts any prompt into pieces that leave no block of one query', () => {
  for (const limit of [64, 128, 512]) {
    for (let total = 2; total < 1200; total++) {
      let left = total;
      while (left > 0) {
        const length = pieceLength(left, limit);
        expect(length).toBeGreaterThan(1);
        expect(length).toBeLessThanOrEqual(Math.min(left, limit));
        expect(length % 32, `${length} of ${total}`).not.toBe(1);
        left -= length;
      }
    }
  }
  expect(pieceLength(1, 64)).toBe(1);
});

it('ends a piece where a step has to end, whatever the limit, and leaves no single query there either', () => {
  for (const limit of [64, 128, 512]) {
    for (let room = 2; room < 512; room++) {
      let at = 0;
      while (at < room) {
        const length = pieceLength(600 - at, limit, room - at);
        expect(length, `${room - at} of ${room}`).toBeGreaterThan(1);
        at += length;
      }
      expect(at).toBe(room);
    }
  }
  expect(pieceLength(40, 64, 1)).toBe(1);
});
