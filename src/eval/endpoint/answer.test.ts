import { describe, expect, it } from 'vitest';
import type { AnswerRequest } from '../model/language-model.ts';
import { answered, askOne, conversation, endpointFixture, failureOf } from './testing/endpoint-fixture.ts';
import { type Handler, sendChat, sendError, sendJson } from './testing/test-server.ts';

const endpoint = endpointFixture();

describe('answers', () => {
  it('come in the order of the requests, and are told as they come', async () => {
    const told: number[] = [];
    const model = await endpoint.openThen(async ({ body }, response) => {
      const { content } = body.messages[0];
      // The last one first, each when the one before it was told.
      while (told.length < 2 - Number(content)) await new Promise((resolve) => setTimeout(resolve, 1));
      sendChat(response, `answer ${content}`);
    });
    const outcomes = await model.answer(['0', '1', '2'].map(conversation), { onOutcome: (index) => told.push(index) });
    expect(outcomes.map((outcome) => answered(outcome).text)).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(told).toEqual([2, 1, 0]);
  });

  it('of texts and of conversations go different ways', async () => {
    const model = await endpoint.open();
    const text: AnswerRequest = { prompt: 'One', maxTokens: 4, temperature: 0.5, topP: 0.9, seed: 3, stop: ['x'] };
    expect(answered(await askOne(model, text))).toEqual({ text: ' end', finishReason: 'length', tokens: 1 });
    expect(endpoint.server.requests.at(-1)).toMatchObject({ route: '/completions' });
    expect(endpoint.server.requests.at(-1)!.body).toEqual({
      ...{ model: 'toy', prompt: 'One', max_tokens: 4 },
      ...{ temperature: 0.5, top_p: 0.9, seed: 3, stop: ['x'] },
    });
    expect(answered(await askOne(model))).toEqual({ text: 'B', finishReason: 'stop', tokens: 2 });
    expect(endpoint.server.requests.at(-1)!.body).toEqual({
      ...{ model: 'toy', messages: [{ role: 'user', content: 'Which?' }], max_tokens: 16, temperature: 0 },
    });
  });

  it('fail where the server has no way for them', async () => {
    const chatOnly = await endpoint.openWith({ completions: false });
    expect(failureOf(await askOne(chatOnly, { prompt: 'One', maxTokens: 4 })).reason).toMatch(/no \/completions/);
    const textOnly = await endpoint.openWith({ chat: false });
    expect(failureOf(await askOne(textOnly)).reason).toMatch(/no chat template/);
  });

  it('go on with the assistant only where the server is known to', async () => {
    const prompt = [
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content: 'One, two,' },
    ];
    const unknown = await endpoint.open();
    expect(failureOf(await askOne(unknown, { prompt, maxTokens: 4 })).reason).toMatch(/would begin another one/);
    const known = await endpoint.open({ continuesAssistant: true });
    answered(await askOne(known, { prompt, maxTokens: 4 }));
    expect(endpoint.server.requests.at(-1)!.body).toMatchObject({
      continue_final_message: true,
      add_generation_prompt: false,
    });
  });

  it('are cut at every stop, however many and whether the server heeds them or not', async () => {
    const model = await endpoint.openThen((_, response) => sendChat(response, 'one;two|three'));
    const stop = ['a', 'b', 'c', 'd', '|', ';'];
    expect(answered(await askOne(model, { ...conversation('?'), stop })).text).toBe('one');
    expect(endpoint.server.requests.at(-1)!.body.stop).toHaveLength(4);
  });

  it('leave out the fields that the server refuses', async () => {
    const model = await endpoint.open({ omit: ['temperature', 'seed'] });
    answered(await askOne(model, { ...conversation('?'), temperature: 1, seed: 5 }));
    expect(Object.keys(endpoint.server.requests.at(-1)!.body).sort()).toEqual(['max_tokens', 'messages', 'model']);
  });

  it.each([
    ['length', (r) => sendChat(r, 'cut', { finish_reason: 'length' }), { finishReason: 'length', text: 'cut' }],
    ['thoughts only', (r) => sendChat(r, null, { finish_reason: 'length' }), { finishReason: 'length', text: '' }],
  ] as [string, (response: Parameters<Handler>[1]) => void, object][])('tell of %s', async (_, send, expected) => {
    const model = await endpoint.openThen((_request, response) => send(response));
    expect(answered(await askOne(model))).toMatchObject(expected);
  });

  const refusal = { message: { role: 'assistant', content: null, refusal: 'I will not.' } };
  it.each([
    ['filtered', (r) => sendChat(r, 'half', { finish_reason: 'content_filter' }), 'refused', /filter/],
    ['declined', (r) => sendChat(r, null, refusal), 'refused', /I will not/],
    ['filtered before', (r) => sendError(r, 400, 'no', 'content_filter'), 'refused', /status 400/],
    ['too long', (r) => sendError(r, 400, 'maximum context length is 512 tokens'), 'too-long', /512/],
    ['too long by code', (r) => sendError(r, 400, 'no', 'context_length_exceeded'), 'too-long', /status 400/],
    ['errors in a success', (r) => sendJson(r, { error: { message: 'busy', code: 502 } }), 'failed', /busy\), 3 times/],
    ['errors without a status', (r) => sendJson(r, { error: { message: 'odd' } }), 'failed', /status 400 \(odd\)/],
    ['too large', (r) => sendError(r, 413, 'Payload'), 'too-long', /status 413/],
    ['refused fields', (r) => sendError(r, 400, 'temperature must be 1'), 'failed', /temperature must be 1/],
    ['tool calls', (r) => sendChat(r, null, { finish_reason: 'tool_calls' }), 'failed', /tool_calls/],
    ['no reason', (r) => sendChat(r, 'x', { finish_reason: null }), 'failed', /no reason given/],
    ['no choices', (r) => sendJson(r, { choices: [] }), 'failed', /choices/],
    ['no message', (r) => sendJson(r, { choices: [{ finish_reason: 'stop' }] }), 'failed', /choices\.0\.message/],
    ['numbers for text', (r) => sendChat(r, 5 as never), 'failed', /choices\.0\.message\.content/],
    ['a list', (r) => sendJson(r, []), 'failed', /unexpected form/],
    ['null', (r) => sendJson(r, null), 'failed', /not JSON/],
    ['an HTML page', (r) => r.end('<!doctype html><p>Welcome'), 'failed', /a page of markup/],
    ['half a JSON', (r) => r.end('{"choices": [{"mess'), 'failed', /not JSON .*3 times/],
    ['nothing', (r) => r.end(), 'failed', /not JSON/],
    ['no UTF-8', (r) => r.end(Buffer.from([0x22, 0xff, 0x22])), 'failed', /not UTF-8/],
    [
      'terminal escapes',
      (r) => sendError(r, 400, '\u001b[2J\u202eevil'),
      'failed',
      /^status 400 \([^\p{Cc}\p{Cf}]*\)$/u,
    ],
  ] as [string, (response: Parameters<Handler>[1]) => void, string, RegExp][])(
    'that are %s are failures with a reason',
    async (_, send, kind, reason) => {
      const model = await endpoint.openThen((_request, response) => send(response), { attempts: 3 });
      const failure = failureOf(await askOne(model));
      expect(failure).toMatchObject({ kind, reason: expect.stringMatching(reason) });
    },
  );

  it('accept JSON whatever the server calls it', async () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] });
    const model = await endpoint.openThen((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
    });
    // Without a count four bytes are a token.
    expect(answered(await askOne(model))).toEqual({ text: 'fine', finishReason: 'stop', tokens: 1 });
  });
});
