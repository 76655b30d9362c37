import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allMessages, type Conversation } from './conversation.ts';
import { conversationFrom, saveConversation } from './conversation-file.ts';
import { readConversationFile } from './read-conversation.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-conversation-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const turns = [
  { user: 'How are\nyou? ☃', assistant: ' Well. ' },
  { user: 'And "now"?', assistant: '' },
];
const conversation: Conversation = { system: 'Be brief.', turns, hidden: 1 };

describe('a conversation in a file', () => {
  it('comes back as it was, hidden turns included', async () => {
    const path = join(folder, 'a.jsonl');
    await saveConversation(path, allMessages(conversation));
    const { messages } = await readConversationFile(path);
    expect(conversationFrom(messages, path)).toEqual({
      conversation: { ...conversation, hidden: 0 },
      question: undefined,
    });
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  });

  it('is Markdown under a name in .md', async () => {
    const path = join(folder, 'a.MD');
    await saveConversation(path, allMessages({ turns: turns.slice(0, 1), hidden: 0 }));
    expect(readFileSync(path, 'utf8')).toBe('**user**\n\nHow are\nyou? ☃\n\n---\n\n**assistant**\n\nWell.\n');
  });

  it('may end with a message that waits for its answer', () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    expect(conversationFrom(messages, 'f')).toEqual({
      conversation: { system: undefined, turns: [], hidden: 0 },
      question: 'Hello',
    });
  });

  it.each([
    [
      'two users',
      [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
      /f, messages\.1\.role: found user, expected assistant/,
    ],
    [
      'an answer first',
      [
        { role: 'system', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
      /messages\.1\.role/,
    ],
    [
      'a late system message',
      [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'b' },
      ],
      /messages\.1\.role/,
    ],
    ['parts', [{ role: 'user', content: [{ type: 'text', text: 'a' }] }], /messages\.0\.content: found object/],
    ['null', [null], /messages\.0\.role: found undefined/],
    ['a role of another kind', [{ role: 7, content: 'a' }], /messages\.0\.role: found number/],
  ])('is refused with %s', (_, messages, message) => {
    expect(() => conversationFrom(messages, 'f')).toThrow(message);
  });
});
