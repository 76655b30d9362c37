import { expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { Lowest } from './lowest.ts';

it('keeps what sorting everything would keep, in any order of arrival', () => {
  const random = stream(1, 'keys');
  const keys = Array.from({ length: 500 }, () => random.uint32().toString(16).padStart(8, '0'));
  const expected = [...keys].sort().slice(0, 20);
  for (const arrival of [keys, [...keys].reverse(), [...keys].sort(), [...keys].sort().reverse()]) {
    const lowest = new Lowest<string>(20);
    for (const key of arrival) lowest.add(key, `value of ${key}`);
    expect(lowest.entries()).toEqual(expected.map((key) => [key, `value of ${key}`]));
  }
});

it('says early what it will not keep', () => {
  const lowest = new Lowest<number>(2);
  for (const key of ['a', 'b', 'c', 'd', 'e']) lowest.add(key, 0);
  expect([lowest.wants('0'), lowest.wants('z')]).toEqual([true, false]);
  expect(new Lowest<number>(2).wants('z')).toBe(true);
});
