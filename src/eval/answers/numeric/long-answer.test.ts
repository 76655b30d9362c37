import { describe, expect, it } from 'vitest';
import { exactText } from '../../../generate/tools/calculator/decimal.ts';
import { READ_HEAD, READ_TAIL, readablePart, unreadMiddle } from './long-answer.ts';
import { readNumber } from './read-number.ts';

const most = READ_HEAD + READ_TAIL;
const filler = (length: number): string => 'so it goes on '.repeat(Math.ceil(length / 14)).slice(0, length);

describe('long answers', () => {
  it('are read whole up to the bound, whitespace around them not counted', () => {
    expect(unreadMiddle(filler(most))).toBeUndefined();
    expect(unreadMiddle(`${'\n'.repeat(most)}5${' '.repeat(most)}`)).toBeUndefined();
    expect(unreadMiddle(filler(most + 1))).toEqual({ start: READ_HEAD, end: READ_HEAD + 1 });
  });

  it('are cut beside numbers, never through one', () => {
    const digits = '1'.repeat(300);
    const text = `${filler(READ_HEAD - 100)} ${digits}${filler(100_000)}${digits} ${filler(READ_TAIL - 100)}`;
    expect(readablePart(text).text).not.toMatch(/\d/);
  });

  it('have a reading of their beginning and of their end, which says what was left out', () => {
    const numberOf = (text: string) => {
      const reading = readNumber(text, { mode: 'lenient' });
      const value = reading.ok ? exactText(reading.value.value) : reading.reason;
      return { value, at: reading.ok ? text.slice(reading.span.start, reading.span.end) : '', unread: reading.unread };
    };
    const middle = filler(2 ** 20);
    expect(numberOf(`The answer is 7.\n${middle}`)).toMatchObject({
      value: '7',
      at: '7',
      unread: { start: READ_HEAD },
    });
    expect(numberOf(`${middle}\nThe answer is 8 million.`)).toMatchObject({ value: '8000000', at: '8 million' });
    expect(numberOf(`${middle}\nThe answer is 9.\n${middle}`)).toMatchObject({ value: 'missing', unread: {} });
    expect(numberOf('The answer is 7.').unread).toBeUndefined();
  });
});
