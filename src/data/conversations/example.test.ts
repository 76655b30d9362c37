import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { readExample } from './example.ts';

const user = { role: 'user', content: 'Is it up?' };
const assistant = { role: 'assistant', content: 'Yes.' };

/** The problem that a record is refused for. */
function problem(fields: Readonly<Record<string, unknown>>) {
  try {
    readExample(fields);
  } catch (error) {
    if (error instanceof InputError) return error.problem;
    throw error;
  }
  throw new Error('the record was accepted');
}

describe('readExample', () => {
  it('takes messages with flags in either notation', () => {
    const messages = [user, { ...assistant, trained: false }, user, { ...assistant, weight: 1 }];
    expect(readExample({ messages, id: 7 })).toEqual({
      messages: [user, assistant, user, assistant],
      untrained: new Set([1]),
    });
    expect(readExample({ messages: [user, { ...assistant, weight: 0 }, user, assistant] })).toMatchObject({
      untrained: new Set([1]),
    });
  });

  it('takes a prompt and its completion as text, or as messages of which the later are learnt', () => {
    expect(readExample({ prompt: 'News: up.', completion: ' positive' })).toEqual({
      prompt: 'News: up.',
      completion: ' positive',
    });
    expect(readExample({ prompt: [user, assistant, user], completion: [assistant] })).toEqual({
      messages: [user, assistant, user, assistant],
      untrained: new Set([0, 1, 2]),
    });
  });

  it('leaves out what a table fills empty cells with', () => {
    const messages = [user, { ...assistant, trained: null, weight: null }];
    const example = readExample({ messages, prompt: null, completion: null, tools: null });
    expect(example).toEqual({ messages: [user, assistant], untrained: new Set() });
  });

  it('takes calls without content as an answer', () => {
    const call = { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: {} } }] };
    expect(readExample({ messages: [user, call] })).toMatchObject({ messages: [user, call] });
  });

  it.each([
    ['neither form', { text: 'x' }, 'record', /the fields text/],
    ['both forms', { messages: [user, assistant], prompt: 'x' }, 'messages', /and a prompt/],
    ['a prompt alone', { prompt: 'x' }, 'record', /prompt/],
    ['an empty completion', { prompt: 'x', completion: ' \n' }, 'completion', /no text/],
    ['an empty prompt', { prompt: '', completion: 'x' }, 'prompt', /no text/],
    ['messages that are none', { messages: 'x' }, 'messages', /a string/],
    ['a message that is none', { messages: [user, 3] }, 'messages.1', /a number/],
    ['two user turns in a row', { messages: [user, user, assistant] }, 'messages.1', /two user turns/],
    [
      'an empty answer',
      { messages: [user, { role: 'assistant', content: ' ' }] },
      'messages.1.content',
      /empty answer/,
    ],
    ['an answer of no parts', { messages: [user, { role: 'assistant', content: [] }] }, 'messages.1.content', /empty/],
    ['no answer', { messages: [user] }, 'messages', /no answer/],
    ['nothing to learn', { messages: [user, { ...assistant, trained: false }] }, 'messages', /not to be learnt/],
    ['a prompt that answers itself', { prompt: [user, assistant], completion: [user] }, 'messages', /not to be learnt/],
    ['a flag of another kind', { messages: [user, { ...assistant, trained: 'no' }] }, 'messages.1.trained', /"no"/],
    ['half a weight', { messages: [user, { ...assistant, weight: 0.5 }] }, 'messages.1.weight', /0\.5/],
    ["another program's flag", { messages: [user, { ...assistant, train: false }] }, 'messages.1.train', /false/],
    ['its like as a number', { messages: [user, { ...assistant, loss: 0 }] }, 'messages.1.loss', /0/],
    ['two flags', { messages: [user, { ...assistant, trained: true, weight: 1 }] }, 'messages.1', /both/],
    [
      'a user to be learnt',
      { messages: [{ ...user, trained: true }, assistant] },
      'messages.0.trained',
      /user message/,
    ],
    ['tools that are none', { messages: [user, assistant], tools: 'x' }, 'tools', /a string/],
  ])('refuses %s', (_, fields, field, found) => {
    expect(problem(fields)).toMatchObject({ field, found: expect.stringMatching(found) });
  });
});
