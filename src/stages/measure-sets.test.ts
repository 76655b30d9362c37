import { expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { shortEnough } from './measure-sets.ts';

const documents = [5, 9, 12].map((length) => ({
  id: String(length),
  source: 'chats',
  ids: new Int32Array(length),
  trained: new Uint8Array(length).fill(1),
}));
const chats = { name: 'chats', answers: true, documents } as const;

it('leaves conversations out that do not fit a window, and says how many', () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  expect(shortEnough(chats, 12, warn).documents).toHaveLength(3);
  expect(shortEnough(chats, 11, warn).documents).toHaveLength(2);
  expect(warnings).toEqual(['chats: 1 of 3 held-out conversations are longer than 11 tokens and not measured']);
});

it('refuses a length that none fits, because nothing would be measured', () => {
  const refusal = expect.objectContaining({
    field: 'evaluation.bits_per_byte.length',
    expected: 'at least 5, the tokens of the shortest',
  });
  expect(() => shortEnough(chats, 4, () => {})).toThrow(UsageError);
  expect(() => shortEnough(chats, 4, () => {})).toThrow(expect.objectContaining({ problem: refusal }));
});
