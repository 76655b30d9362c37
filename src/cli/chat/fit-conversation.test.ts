import { describe, expect, it } from 'vitest';
import { allMessages, type Conversation, withoutLastTurn, withTurn } from './conversation.ts';
import { type EncodeMessages, fitConversation } from './fit-conversation.ts';

/** A token for each character. */
const encode: EncodeMessages = async (messages) =>
  [...messages.map(({ content }) => String(content)).join('')].map((character) => character.charCodeAt(0));

const turn = (letter: string) => ({ user: letter.repeat(10), assistant: letter.toUpperCase().repeat(10) });
const conversation: Conversation = { system: '....', turns: ['a', 'b', 'c'].map(turn), hidden: 0 };
const textOf = (ids: readonly number[]): string => String.fromCharCode(...ids);

describe('fitConversation', () => {
  it('leaves alone what fits', async () => {
    const fitted = await fitConversation(conversation, '?', { capacity: 70, reserve: 5, encode });
    expect(fitted.conversation).toEqual(conversation);
    expect(textOf(fitted.ids)).toBe(
      `....${['a', 'b', 'c'].map((x) => x.repeat(10) + x.toUpperCase().repeat(10)).join('')}?`,
    );
  });

  it('hides as few of the oldest turns as leave room for the answer, never the system message', async () => {
    const fitted = await fitConversation(conversation, '?', { capacity: 70, reserve: 6, encode });
    expect(fitted).toMatchObject({ tokensBefore: 65, conversation: { hidden: 1 } });
    expect(textOf(fitted.ids)).toMatch(/^\.\.\.\.b+B+c+C+\?$/);
    // They stay hidden, and saved.
    const next = await fitConversation(withTurn(fitted.conversation, turn('d')), '?', {
      capacity: 70,
      reserve: 6,
      encode,
    });
    expect(next).toMatchObject({ tokensBefore: 65, conversation: { hidden: 2 } });
    expect(allMessages(next.conversation)).toHaveLength(9);
  });

  it('takes less room than the reserve before it refuses a message, and tells both numbers then', async () => {
    const options = { capacity: 30, reserve: 10, encode };
    const fitted = await fitConversation(conversation, 'x'.repeat(25), options);
    expect(fitted.conversation.hidden).toBe(3);
    await expect(fitConversation(conversation, 'x'.repeat(26), options)).rejects.toThrow(/30 tokens.*has 30/);
  });
});

it('withoutLastTurn takes back a turn, and never leaves more hidden than there are', () => {
  expect(withoutLastTurn({ ...conversation, hidden: 3 })).toMatchObject({ turns: [turn('a'), turn('b')], hidden: 2 });
});
