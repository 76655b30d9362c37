import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { openEndpoint } from './open-endpoint.ts';
import {
  answered,
  askOne,
  conversation,
  endpointFixture,
  failureOf,
  fine,
  inTurn,
  key,
  quick,
  status,
} from './testing/endpoint-fixture.ts';
import { type Handler, sendChat, sendError, sendJson, startServer, wellBehaved } from './testing/test-server.ts';

const endpoint = endpointFixture();

describe('opening', () => {
  it('finds out what the server can do, and remembers it', async () => {
    const model = await endpoint.open();
    expect(model).toMatchObject({ name: 'toy', chat: true, contextLength: 512 });
    expect(endpoint.server.requests.length).toBeLessThanOrEqual(4);
    endpoint.server.handle(() => expect.unreachable('asked again'));
    const again = await endpoint.open();
    expect(again.identity).toBe(model.identity);
    expect(again.contextLength).toBe(512);
  });

  it('does not believe what it remembers once that is a day old', async () => {
    await endpoint.open();
    const [shard] = await readdir(endpoint.folder);
    const [name] = await readdir(join(endpoint.folder, shard));
    const path = join(endpoint.folder, shard, name);
    const entry = JSON.parse(await readFile(path, 'utf8'));
    endpoint.server.handle(wellBehaved({ chat: false }));
    const remembered = JSON.parse(entry.reply);
    expect(remembered.capabilities.chat).toBeDefined();
    const reply = JSON.stringify({ ...remembered, time: remembered.time - 25 * 3_600_000 });
    const sha256 = createHash('sha256').update(reply).digest('hex');
    await writeFile(path, JSON.stringify({ ...entry, reply, sha256 }));
    expect((await endpoint.open()).chat).toBe(false);
  });

  it('remembers nothing of a server that was too busy to show all', async () => {
    const well = wellBehaved({});
    endpoint.server.handle((request, response) =>
      request.route === '/completions' ? status(503)(request, response) : well(request, response),
    );
    const hurried = await endpoint.open({ attempts: 1 });
    endpoint.server.handle(well);
    const model = await endpoint.open();
    expect(model.scoringLimitation).not.toBe(hurried.scoringLimitation);
    expect(model.identity).not.toBe(hurried.identity);
  });

  it('has another identity where answers may differ', async () => {
    const identities = [
      await endpoint.openWith({}),
      await endpoint.openWith({ echo: 'ignored' }),
      await endpoint.openWith({}, { omit: ['seed'] }),
      await endpoint.openWith({}, { continuesAssistant: true }),
    ].map(({ identity }) => identity);
    expect(new Set(identities).size).toBe(4);
  });

  it('uses the name for the number of tokens that the model takes', async () => {
    endpoint.server.handle(({ route, body }, response) => {
      if (route !== '/chat/completions') return sendError(response, 404, 'no');
      if ('max_tokens' in body) return sendError(response, 400, 'Use max_completion_tokens instead.');
      if (body.logprobs) return sendError(response, 403, 'You may not ask for logprobs.');
      return sendChat(response, 'fine');
    });
    const model = await endpoint.open();
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(endpoint.server.requests.at(-1)!.body).toMatchObject({ max_completion_tokens: 16 });
    expect(model.scoringLimitation).toMatch(/not scored, as the server tells no log-probabilities/);
  });

  it.each([
    ['no route', status(404), /neither an answer to a conversation .* nor to a text/],
    ['a wrong key', status(401), /status 401 .*Check the key/],
    ['an empty account', (_, r) => sendError(r, 429, 'pay', 'insufficient_quota'), /no means left/],
    [
      'a page',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hi</html>'),
      /a page of markup.*Check the address/,
    ],
    ['no time', status(429), /status 429 .*, 2 times.*busy or out of order: try again later/],
    ['a fault', status(500), /status 500 .*, 2 times.*busy or out of order: try again later/],
    ['a long queue', status(503, { 'retry-after': '3600' }), /asks to wait 3600 s.*try again later/],
  ] as [string, Handler, RegExp][])('refuses a server with %s', async (_, handler, message) => {
    endpoint.server.handle(handler);
    const opening = endpoint.open({ attempts: 2 });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(message);
  });

  it('refuses a server that is not there', async () => {
    const gone = await startServer(fine);
    await gone.close();
    const opening = openEndpoint(`openai:toy@${gone.url}`, { ...quick, cache: false, attempts: 2 });
    await expect(opening).rejects.toThrow(/Start the server, or correct the address/);
  });

  it.each([
    [{ attempts: 2.5 }, /attempts: found 2.5, expected an integer/],
    [{ timeoutSeconds: 301 }, /timeoutSeconds: found 301/],
    [{ maximumConcurrency: Number.NaN }, /maximumConcurrency: found NaN/],
    [{ apiKeyVariable: 'NO_SUCH_KEY' }, /environment variable NO_SUCH_KEY: found nothing/],
  ])('refuses %j', async (options, message) => {
    await expect(endpoint.open(options)).rejects.toThrow(message);
  });
});

describe('the key', () => {
  it('is sent to the server and kept out of everything else', async () => {
    const model = await endpoint.openThen(({ headers }, response) => {
      expect(headers.authorization).toBe(`Bearer ${key}`);
      sendChat(response, `You sent ${headers.authorization}`);
    });
    const outcome = answered(await askOne(model));
    expect(outcome.text).toBe('You sent Bearer [key]');
    endpoint.server.handle(({ headers }, response) => sendError(response, 400, `bad ${headers.authorization}`));
    const { reason } = failureOf(await askOne(model, conversation('again')));
    expect(reason).toBe('status 400 (bad Bearer [key])');
    endpoint.server.handle(({ headers }, response) => sendError(response, 401, `bad ${headers.authorization}`));
    await expect(askOne(model, conversation('third'))).rejects.not.toThrow(key);
    const files = await readdir(endpoint.folder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(contents.length).toBe(2);
    for (const content of contents) expect(content).not.toContain('secret');
    expect(JSON.stringify(model)).not.toContain('secret');
  });

  it('is not sent where there is none', async () => {
    await endpoint.open({ env: {} });
    expect(endpoint.server.requests[0].headers.authorization).toBeUndefined();
  });
});

describe('the cache', () => {
  it('answers what was asked before, also in another process', async () => {
    const model = await endpoint.openThen(fine);
    answered(await askOne(model));
    endpoint.server.handle(() => expect.unreachable('asked again'));
    const other = await endpoint.open();
    expect(answered(await askOne(other)).text).toBe('fine');
    expect(other.usage()).toEqual({ requests: 0, cached: 1, promptTokens: 0, answerTokens: 0 });
  });

  it('keeps draws apart by their seed, even if the server takes none', async () => {
    let draw = 0;
    const model = await endpoint.openThen((_, response) => sendChat(response, `draw ${draw++}`), { omit: ['seed'] });
    const draws = (seed: number) => askOne(model, { ...conversation('?'), temperature: 1, seed });
    const texts = [await draws(0), await draws(1), await draws(0)].map((outcome) => answered(outcome).text);
    expect(texts).toEqual(['draw 0', 'draw 1', 'draw 0']);
  });

  it('needs no seed where nothing is drawn', async () => {
    const model = await endpoint.openThen(fine);
    answered(await askOne(model, { ...conversation('?'), seed: 1 }));
    answered(await askOne(model, { ...conversation('?'), seed: 2 }));
    expect(endpoint.server.requests).toHaveLength(1);
  });

  it('does not keep failures', async () => {
    const model = await endpoint.openThen(inTurn((_, r) => sendJson(r, { choices: [] }), fine));
    const before = await readdir(endpoint.folder, { recursive: true });
    failureOf(await askOne(model));
    expect(await readdir(endpoint.folder, { recursive: true })).toEqual(before);
    expect(answered(await askOne(model)).text).toBe('fine');
  });

  it('keeps what is nested too deeply to be written again', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const choices = '[{"message": {"content": "fine"}, "finish_reason": "stop"}]';
    const model = await endpoint.openThen(
      (_, response) => void response.end(`{"choices": ${choices}, "more": ${nested}}`),
    );
    for (let time = 0; time < 2; time++) expect(answered(await askOne(model)).text).toBe('fine');
    expect(endpoint.server.requests).toHaveLength(1);
  });

  it('says what to do if its folder cannot be used', async () => {
    const file = join(endpoint.folder, 'file');
    await writeFile(file, '');
    await expect(endpoint.open({ cache: file })).rejects.toThrow(/Point FINERY_CACHE at another folder/);
  });
});

describe('usage', () => {
  it('counts tokens and their price', async () => {
    const model = await endpoint.open({ prices: { prompt: 2, answer: 10 } });
    const before = model.usage();
    endpoint.server.handle(inTurn(status(500), fine));
    answered(await askOne(model));
    const after = model.usage();
    expect(after.requests - before.requests).toBe(2);
    expect(after.promptTokens - before.promptTokens).toBe(7);
    expect(after.answerTokens - before.answerTokens).toBe(2);
    expect(after.cost! - before.cost!).toBeCloseTo((7 * 2 + 2 * 10) / 1e6, 12);
  });
});
