import { describe, expect, it } from 'vitest';
import { answered, askOne, conversation, endpointFixture, failureOf } from './testing/endpoint-fixture.ts';
import { sendChat, sendJson } from './testing/test-server.ts';

const endpoint = endpointFixture();
/** A prompt of about so many tokens, at four bytes each. */
const long = (tokens: number) => conversation('word'.repeat(tokens - 8));

describe('the context that is set for a server', () => {
  it('is as many tokens as the server counts, and a longer prompt has no answer', async () => {
    let counted = 20;
    const model = await endpoint.openThen(
      (_, response) => {
        const choice = { message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' };
        sendJson(response, { choices: [choice], usage: { prompt_tokens: counted, completion_tokens: 1 } });
      },
      { contextLength: 20 },
    );
    expect(model.contextLength).toBe(20);
    expect(answered(await askOne(model)).text).toBe('fine');
    counted = 21;
    const { kind, reason } = failureOf(await askOne(model, conversation('Another?')));
    expect([kind, reason]).toEqual(['too-long', '21 tokens, as the server counts, more than the 20 of the context']);
    // Known from before, and still too long.
    endpoint.server.handle(() => expect.unreachable('asked again'));
    expect(failureOf(await askOne(model, conversation('Another?'))).kind).toBe('too-long');
  });

  it('is estimated where the server does not count', async () => {
    const model = await endpoint.openThen(
      (_, response) => {
        sendJson(response, { choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] });
      },
      { contextLength: 100 },
    );
    expect(answered(await askOne(model, long(90))).text).toBe('fine');
    expect(failureOf(await askOne(model, long(150))).reason).toMatch(
      /about 1\d\d tokens, at four bytes each, more than/,
    );
  });

  it('leaves an answer the room that there is, and asks nothing that is far too long', async () => {
    const model = await endpoint.openThen((_, response) => sendChat(response, 'fine'), { contextLength: 100 });
    answered(await askOne(model, { ...long(60), maxTokens: 90 }));
    const { max_tokens } = endpoint.server.requests[0].body;
    expect(max_tokens).toBeGreaterThan(20);
    expect(max_tokens).toBeLessThan(45);
    expect(failureOf(await askOne(model, long(400))).kind).toBe('too-long');
    expect(endpoint.server.requests).toHaveLength(1);
  });

  it('holds for likelihoods too', async () => {
    const model = await endpoint.openWith({ chat: false }, { contextLength: 4 });
    const [short, longer] = await model.scoreContinuations([
      { prompt: 'One', continuations: [' two'] },
      { prompt: 'One two three four', continuations: [' five'] },
    ]);
    expect(answered(short)).toHaveLength(1);
    expect(failureOf(longer).kind).toBe('too-long');
  });

  it('is another model', async () => {
    const [free, bounded] = [await endpoint.open(), await endpoint.open({ contextLength: 64 })];
    expect(bounded.identity).not.toBe(free.identity);
    expect((await endpoint.open({ contextLength: 4096 })).contextLength).toBe(512);
  });
});
