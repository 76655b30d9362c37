import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import type { AnswerRequest, LanguageModel, Outcome } from '../model/language-model.ts';
import { type EndpointOptions, openEndpoint } from './open-endpoint.ts';
import {
  type Handler,
  type Manners,
  sendChat,
  sendError,
  sendJson,
  startServer,
  type TestServer,
  wellBehaved,
} from './testing/test-server.ts';
import { toyScores } from './testing/toy-language.ts';

const key = 'sk-very-secret-0123456789';
const quick: EndpointOptions = { env: { OPENAI_API_KEY: key }, firstBackoffSeconds: 0.002, timeoutSeconds: 5 };

let folder: string;
let server: TestServer;
let opened: LanguageModel[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endpoint-'));
  server = await startServer(wellBehaved());
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((model) => model.close()));
  await server.close();
  await rm(folder, { recursive: true });
});

async function open(options: EndpointOptions = {}): Promise<LanguageModel> {
  const model = await openEndpoint(`openai:toy@${server.url}`, { ...quick, cache: folder, ...options });
  opened.push(model);
  return model;
}

async function openWith(manners: Manners, options: EndpointOptions = {}): Promise<LanguageModel> {
  server.handle(wellBehaved(manners));
  return open({ cache: false, ...options });
}

/** A model that was opened on a good server, which then answers as told. */
async function openThen(handler: Handler, options: EndpointOptions = {}): Promise<LanguageModel> {
  const model = await open(options);
  server.handle(handler);
  return model;
}

const conversation = (content: string): AnswerRequest => ({ prompt: [{ role: 'user', content }], maxTokens: 16 });
const askOne = async (model: LanguageModel, request = conversation('Which?')) => (await model.answer([request]))[0];

function answered<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.failure.kind}: ${outcome.failure.reason}`);
  return outcome.value;
}

function failureOf(outcome: Outcome<unknown>) {
  if (outcome.ok) throw new Error(`an answer where a failure was expected: ${JSON.stringify(outcome.value)}`);
  return outcome.failure;
}

/** Handlers in turn; the last one stays. */
function inTurn(...handlers: Handler[]): Handler {
  let turn = 0;
  return (request, response) => handlers[Math.min(turn++, handlers.length - 1)](request, response);
}

const fine: Handler = (_, response) => sendChat(response, 'fine');
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    sendJson(response, { error: { message: `status ${code}` } }, code, headers);

describe('opening', () => {
  it('finds out what the server can do, and remembers it', async () => {
    const model = await open();
    expect(model).toMatchObject({ name: 'toy', chat: true, contextLength: 512 });
    expect(server.requests.length).toBeLessThanOrEqual(4);
    server.handle(() => expect.unreachable('asked again'));
    const again = await open();
    expect(again.identity).toBe(model.identity);
    expect(again.contextLength).toBe(512);
  });

  it('does not believe what it remembers once that is a day old', async () => {
    await open();
    const [shard] = await readdir(folder);
    const [name] = await readdir(join(folder, shard));
    const path = join(folder, shard, name);
    const entry = JSON.parse(await readFile(path, 'utf8'));
    server.handle(wellBehaved({ chat: false }));
    const remembered = JSON.parse(entry.reply);
    expect(remembered.capabilities.chat).toBeDefined();
    const reply = JSON.stringify({ ...remembered, time: remembered.time - 25 * 3_600_000 });
    const sha256 = createHash('sha256').update(reply).digest('hex');
    await writeFile(path, JSON.stringify({ ...entry, reply, sha256 }));
    expect((await open()).chat).toBe(false);
  });

  it('has another identity where answers may differ', async () => {
    const identities = [
      await openWith({}),
      await openWith({ echo: 'ignored' }),
      await openWith({}, { omit: ['seed'] }),
      await openWith({}, { continuesAssistant: true }),
    ].map(({ identity }) => identity);
    expect(new Set(identities).size).toBe(4);
  });

  it('uses the name for the number of tokens that the model takes', async () => {
    server.handle(({ route, body }, response) => {
      if (route !== '/chat/completions') return sendError(response, 404, 'no');
      if ('max_tokens' in body) return sendError(response, 400, 'Use max_completion_tokens instead.');
      if (body.logprobs) return sendError(response, 403, 'You may not ask for logprobs.');
      return sendChat(response, 'fine');
    });
    const model = await open();
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(server.requests.at(-1)!.body).toMatchObject({ max_completion_tokens: 16 });
    expect(model.scoringLimitation).toMatch(/not scored, as the server tells no log-probabilities/);
  });

  it.each([
    ['no route', status(404), /neither an answer to a conversation .* nor to a text/],
    ['a wrong key', status(401), /status 401 .*Check the key/],
    ['an empty account', (_, r) => sendError(r, 429, 'pay', 'insufficient_quota'), /no means left/],
    [
      'a page',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hi</html>'),
      /a page of markup/,
    ],
  ] as [string, Handler, RegExp][])('refuses a server with %s', async (_, handler, message) => {
    server.handle(handler);
    const opening = open({ attempts: 2 });
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
    await expect(open(options)).rejects.toThrow(message);
  });
});

describe('answers', () => {
  it('come in the order of the requests, and are told as they come', async () => {
    const model = await openThen(async ({ body }, response) => {
      const { content } = body.messages[0];
      await new Promise((resolve) => setTimeout(resolve, 20 * (3 - Number(content))));
      sendChat(response, `answer ${content}`);
    });
    const told: number[] = [];
    const outcomes = await model.answer(['0', '1', '2'].map(conversation), { onOutcome: (index) => told.push(index) });
    expect(outcomes.map((outcome) => answered(outcome).text)).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(told).toEqual([2, 1, 0]);
  });

  it('of texts and of conversations go different ways', async () => {
    const model = await open();
    const text: AnswerRequest = { prompt: 'One', maxTokens: 4, temperature: 0.5, topP: 0.9, seed: 3, stop: ['x'] };
    expect(answered(await askOne(model, text))).toEqual({ text: ' end', finishReason: 'length', tokens: 1 });
    expect(server.requests.at(-1)).toMatchObject({ route: '/completions' });
    expect(server.requests.at(-1)!.body).toEqual({
      ...{ model: 'toy', prompt: 'One', max_tokens: 4 },
      ...{ temperature: 0.5, top_p: 0.9, seed: 3, stop: ['x'] },
    });
    expect(answered(await askOne(model))).toEqual({ text: 'B', finishReason: 'stop', tokens: 2 });
    expect(server.requests.at(-1)!.body).toEqual({
      ...{ model: 'toy', messages: [{ role: 'user', content: 'Which?' }], max_tokens: 16, temperature: 0 },
    });
  });

  it('fail where the server has no way for them', async () => {
    const chatOnly = await openWith({ completions: false });
    expect(failureOf(await askOne(chatOnly, { prompt: 'One', maxTokens: 4 })).reason).toMatch(/no \/completions/);
    const textOnly = await openWith({ chat: false });
    expect(failureOf(await askOne(textOnly)).reason).toMatch(/no chat template/);
  });

  it('go on with the assistant only where the server is known to', async () => {
    const prompt = [
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content: 'One, two,' },
    ];
    const unknown = await open();
    expect(failureOf(await askOne(unknown, { prompt, maxTokens: 4 })).reason).toMatch(/would begin another one/);
    const known = await open({ continuesAssistant: true });
    answered(await askOne(known, { prompt, maxTokens: 4 }));
    expect(server.requests.at(-1)!.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  it('are cut at every stop, however many and whether the server heeds them or not', async () => {
    const model = await openThen((_, response) => sendChat(response, 'one;two|three'));
    const stop = ['a', 'b', 'c', 'd', '|', ';'];
    expect(answered(await askOne(model, { ...conversation('?'), stop })).text).toBe('one');
    expect(server.requests.at(-1)!.body.stop).toHaveLength(4);
  });

  it('leave out the fields that the server refuses', async () => {
    const model = await open({ omit: ['temperature', 'seed'] });
    answered(await askOne(model, { ...conversation('?'), temperature: 1, seed: 5 }));
    expect(Object.keys(server.requests.at(-1)!.body).sort()).toEqual(['max_tokens', 'messages', 'model']);
  });

  it.each([
    ['length', (r) => sendChat(r, 'cut', { finish_reason: 'length' }), { finishReason: 'length', text: 'cut' }],
    ['thoughts only', (r) => sendChat(r, null, { finish_reason: 'length' }), { finishReason: 'length', text: '' }],
  ] as [string, (response: Parameters<Handler>[1]) => void, object][])('tell of %s', async (_, send, expected) => {
    const model = await openThen((_request, response) => send(response));
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
      const model = await openThen((_request, response) => send(response), { attempts: 3 });
      const failure = failureOf(await askOne(model));
      expect(failure).toMatchObject({ kind, reason: expect.stringMatching(reason) });
    },
  );

  it('accept JSON whatever the server calls it', async () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] });
    const model = await openThen((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
    });
    // Without a count four bytes are a token.
    expect(answered(await askOne(model))).toEqual({ text: 'fine', finishReason: 'stop', tokens: 1 });
  });
});

describe('trouble', () => {
  it('asks again after errors of the server', async () => {
    const model = await openThen(inTurn(status(500), status(502), fine));
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(server.requests).toHaveLength(3);
  });

  it('asks again after a broken connection, before or within the reply', async () => {
    const closed: Handler = (_, response) => void response.destroy();
    const cut: Handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"choi');
      setTimeout(() => response.destroy(), 10);
    };
    const model = await openThen(inTurn(closed, cut, fine));
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(server.requests).toHaveLength(3);
  });

  it('gives up after as many attempts as allowed, and says so', async () => {
    const model = await openThen(status(503), { attempts: 3 });
    expect(failureOf(await askOne(model))).toEqual({ kind: 'failed', reason: 'status 503 (status 503), 3 times' });
    expect(server.requests).toHaveLength(3);
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    for (const after of [() => '1', () => new Date(Date.now() + 1_999).toUTCString()]) {
      const model = await openThen(inTurn(status(429, { 'retry-after': after() }), fine), { cache: false });
      const start = performance.now();
      expect(answered(await askOne(model)).text).toBe('fine');
      expect(performance.now() - start).toBeGreaterThan(800);
    }
  });

  it('makes every request wait, not only the one that was told', async () => {
    const times = new Map<string, number>();
    const model = await openThen(
      async ({ body }, response) => {
        const { content } = body.messages[0];
        const isFirst = times.size === 0;
        if (isFirst) status(429, { 'retry-after': '1' })({} as never, response);
        times.set(isFirst ? 'told' : content, performance.now());
        if (isFirst) return;
        // Slow enough for the first one to be told meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 100));
        sendChat(response, 'fine');
      },
      { maximumConcurrency: 2 },
    );
    await model.answer(['a', 'b', 'c', 'd'].map(conversation));
    const delay = (name: string) => times.get(name)! - times.get('told')!;
    expect(delay('b')).toBeLessThan(500);
    for (const name of ['a', 'c', 'd']) expect(delay(name), name).toBeGreaterThan(900);
  });

  it('does not wait longer than allowed', async () => {
    const model = await openThen(status(429, { 'retry-after': '3600' }), { longestWaitSeconds: 10 });
    expect(failureOf(await askOne(model)).reason).toMatch(/asks to wait 3600 s/);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['never answers', () => {}],
    [
      'drips',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ] as [string, Handler][])('does not wait for a server that %s', async (_, handler) => {
    const model = await openThen(handler, { timeoutSeconds: 0.15, attempts: 2 });
    const start = performance.now();
    expect(failureOf(await askOne(model))).toEqual({
      kind: 'timeout',
      reason: 'no whole reply within 0.15 s, 2 times',
    });
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(server.requests).toHaveLength(2);
  });

  it('stops reading a reply that is too large', async () => {
    let written = 0;
    const model = await openThen(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const pour = () => {
          while (!response.destroyed && written < 1e9) {
            written += 65_536;
            if (!response.write(' '.repeat(65_536))) return void response.once('drain', pour);
          }
        };
        pour();
      },
      { maximumReplyBytes: 1_000_000 },
    );
    expect(failureOf(await askOne(model)).reason).toBe('a reply of more than 1000000 bytes');
    expect(server.requests).toHaveLength(1);
    expect(written).toBeLessThan(50e6);
  });

  it('throws what makes every further request pointless, and ends those under way', async () => {
    const model = await openThen(({ body }, response) => {
      if (body.messages[0].content === 'bad') sendError(response, 401, 'revoked');
    });
    const told: number[] = [];
    const start = performance.now();
    const asking = model.answer(['slow', 'bad', 'slow'].map(conversation), { onOutcome: (index) => told.push(index) });
    await expect(asking).rejects.toThrow(/status 401 \(revoked\)/);
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(told).toEqual([]);
  });

  it('throws what the caller throws, and ends those under way', async () => {
    const model = await openThen(({ body }, response) => {
      if (body.messages[0].content === 'quick') sendChat(response, 'fine');
    });
    const onOutcome = () => {
      throw new Error('disk full');
    };
    const start = performance.now();
    await expect(model.answer(['slow', 'quick'].map(conversation), { onOutcome })).rejects.toThrow('disk full');
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('sends nothing to where another host redirects', async () => {
    const other = await startServer(fine);
    try {
      const model = await openThen((_, response) => {
        response.writeHead(307, { location: `${other.url}/x` }).end();
      });
      await expect(askOne(model)).rejects.toThrow(/a redirect away from/);
      expect(other.requests).toHaveLength(0);
    } finally {
      await other.close();
    }
  });

  it('follows a redirect on the same host, but not one that loses the question or turns in circles', async () => {
    const to = (code: number, location: string): Handler => {
      return (_, response) => void response.writeHead(code, { location }).end();
    };
    const moved = await openThen(inTurn(to(308, '/v1/elsewhere'), fine));
    expect(answered(await askOne(moved)).text).toBe('fine');
    expect(server.requests.at(-1)).toMatchObject({ route: '/elsewhere', body: { max_tokens: 16 } });
    server.handle(to(302, '/v1/elsewhere'));
    await expect(askOne(moved, conversation('other'))).rejects.toThrow(/loses what was asked/);
    server.handle(to(307, '/v1/elsewhere'));
    await expect(askOne(moved, conversation('third'))).rejects.toThrow(/more than 3 redirects/);
    expect(server.requests).toHaveLength(4);
  });

  it('ends at once when aborted, with the reason', async () => {
    const model = await openThen(() => {});
    const controller = new AbortController();
    const asking = model.answer(
      Array.from({ length: 40 }, (_, i) => conversation(`${i}`)),
      controller,
    );
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(asking).rejects.toThrow('enough');
    await expect(model.answer([conversation('x')], controller)).rejects.toThrow('enough');
  });

  it('ends what is under way when it is closed', async () => {
    const model = await openThen(() => {});
    const asking = askOne(model);
    setTimeout(() => model.close(), 50);
    await expect(asking).rejects.toThrow('the endpoint was closed');
  });

  it('asks for fewer at once under overload', async () => {
    let [active, most, refusing] = [0, 0, true];
    const model = await openThen(async (_, response) => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => setTimeout(resolve, 15));
      active--;
      if (refusing) sendError(response, 429, 'slow down');
      else sendChat(response, 'fine');
    });
    const asking = model.answer(Array.from({ length: 24 }, (_, i) => conversation(`${i}`)));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(most).toBe(4);
    most = 0;
    await new Promise((resolve) => setTimeout(resolve, 45));
    expect(most).toBeLessThanOrEqual(2);
    refusing = false;
    for (const outcome of await asking) answered(outcome);
  });
});

describe('the key', () => {
  it('is sent to the server and kept out of everything else', async () => {
    const model = await openThen(({ headers }, response) => {
      expect(headers.authorization).toBe(`Bearer ${key}`);
      sendChat(response, `You sent ${headers.authorization}`);
    });
    const outcome = answered(await askOne(model));
    expect(outcome.text).toBe('You sent Bearer [key]');
    server.handle(({ headers }, response) => sendError(response, 400, `bad ${headers.authorization}`));
    const { reason } = failureOf(await askOne(model, conversation('again')));
    expect(reason).toBe('status 400 (bad Bearer [key])');
    server.handle(({ headers }, response) => sendError(response, 401, `bad ${headers.authorization}`));
    await expect(askOne(model, conversation('third'))).rejects.not.toThrow(key);
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(contents.length).toBe(2);
    for (const content of contents) expect(content).not.toContain('secret');
    expect(JSON.stringify(model)).not.toContain('secret');
  });

  it('is not sent where there is none', async () => {
    await open({ env: {} });
    expect(server.requests[0].headers.authorization).toBeUndefined();
  });
});

describe('the cache', () => {
  it('answers what was asked before, also in another process', async () => {
    const model = await openThen(fine);
    answered(await askOne(model));
    server.handle(() => expect.unreachable('asked again'));
    const other = await open();
    expect(answered(await askOne(other)).text).toBe('fine');
    expect(other.usage()).toEqual({ requests: 0, cached: 1, promptTokens: 0, answerTokens: 0 });
  });

  it('keeps draws apart by their seed, even if the server takes none', async () => {
    let draw = 0;
    const model = await openThen((_, response) => sendChat(response, `draw ${draw++}`), { omit: ['seed'] });
    const draws = (seed: number) => askOne(model, { ...conversation('?'), temperature: 1, seed });
    const texts = [await draws(0), await draws(1), await draws(0)].map((outcome) => answered(outcome).text);
    expect(texts).toEqual(['draw 0', 'draw 1', 'draw 0']);
  });

  it('needs no seed where nothing is drawn', async () => {
    const model = await openThen(fine);
    answered(await askOne(model, { ...conversation('?'), seed: 1 }));
    answered(await askOne(model, { ...conversation('?'), seed: 2 }));
    expect(server.requests).toHaveLength(1);
  });

  it('does not keep failures', async () => {
    const model = await openThen(inTurn((_, r) => sendJson(r, { choices: [] }), fine));
    const before = await readdir(folder, { recursive: true });
    failureOf(await askOne(model));
    expect(await readdir(folder, { recursive: true })).toEqual(before);
    expect(answered(await askOne(model)).text).toBe('fine');
  });

  it('keeps what is nested too deeply to be written again', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const choices = '[{"message": {"content": "fine"}, "finish_reason": "stop"}]';
    const model = await openThen((_, response) => void response.end(`{"choices": ${choices}, "more": ${nested}}`));
    for (let time = 0; time < 2; time++) expect(answered(await askOne(model)).text).toBe('fine');
    expect(server.requests).toHaveLength(1);
  });

  it('says what to do if its folder cannot be used', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(open({ cache: file })).rejects.toThrow(/Point FINERY_CACHE at another folder/);
  });
});

describe('usage', () => {
  it('counts tokens and their price', async () => {
    const model = await open({ prices: { prompt: 2, answer: 10 } });
    const before = model.usage();
    server.handle(inTurn(status(500), fine));
    answered(await askOne(model));
    const after = model.usage();
    expect(after.requests - before.requests).toBe(2);
    expect(after.promptTokens - before.promptTokens).toBe(7);
    expect(after.answerTokens - before.answerTokens).toBe(2);
    expect(after.cost! - before.cost!).toBeCloseTo((7 * 2 + 2 * 10) / 1e6, 12);
  });
});

describe('exact scores', () => {
  /** Recomputed without the server: the tokens after as many as the prompt has alone. */
  function reference(prompt: string, continuation: string, before: readonly string[]) {
    const alone = toyScores(prompt.trimEnd(), before);
    const whole = toyScores(prompt + continuation, before);
    const own = whole.slice(alone.length);
    return {
      logProbability: own.reduce((sum, { logProbability }) => sum + logProbability!, 0),
      tokens: own.length,
      greedy: own.every(({ likeliest }) => likeliest),
      cleanBorder: alone.every(({ token }, i) => token === whole[i]?.token),
    };
  }

  it.each([[[]], [['<s>']]])('of continuations, with %j before every text', async (before) => {
    const model = await openWith({ before, chat: false });
    expect(model.scoringLimitation).toBeUndefined();
    const prompt = 'The share of Zürich rose 3 \u{1f4b6} and';
    const cases: [string, readonly string[]][] = [
      [prompt, [' fell', ' rose again', ', 5 \u{1f4b6}']],
      [`${prompt} `, ['fell', 'rose again']],
      ['walk', ['ing', ' on', 'ing on']],
      ['One', [' two three four five', '']],
    ];
    const outcomes = await model.scoreContinuations(
      cases.map(([text, continuations]) => ({ prompt: text, continuations })),
    );
    for (const [i, [text, continuations]] of cases.entries()) {
      const scores = answered(outcomes[i]);
      for (const [j, continuation] of continuations.entries()) {
        const { logProbability, ...rest } = reference(text, continuation, before);
        expect(scores[j], `${text}|${continuation}`).toMatchObject(rest);
        expect(scores[j].logProbability).toBeCloseTo(logProbability, 10);
      }
    }
    expect(answered(outcomes[1]).map(({ cleanBorder }) => cleanBorder)).toEqual([true, true]);
    expect(answered(outcomes[2]).map(({ cleanBorder }) => cleanBorder)).toEqual([false, true, false]);
    expect(new Set(outcomes.flatMap((outcome) => answered(outcome).map(({ greedy }) => greedy))).size).toBe(2);
  });

  it('of continuations of nothing, only where something stands before every text', async () => {
    const request = { prompt: '', continuations: [' fell on'] };
    const bare = await openWith({ chat: false });
    expect(failureOf((await bare.scoreContinuations([request]))[0]).reason).toMatch(/nothing precedes it/);
    const framed = await openWith({ chat: false, before: ['<s>'] });
    const [score] = answered((await framed.scoreContinuations([request]))[0]);
    expect(score).toMatchObject({ tokens: 2, cleanBorder: true });
  });

  it.each([[[]], [['<s>']]])('of texts, with %j before every text', async (before) => {
    const model = await openWith({ before, chat: false });
    const texts = ['Zürich rose 3 \u{1f4b6} today', 'One', ''];
    const outcomes = (await model.scoreTexts(texts)).map(answered);
    for (const [i, text] of texts.entries()) {
      const scored = toyScores(text, before).slice(1);
      const first = before.length > 0 ? 0 : Buffer.byteLength(toyScores(text)[0]?.token ?? '');
      expect(outcomes[i].nats).toBeCloseTo(
        0 - scored.reduce((sum, { logProbability }) => sum + logProbability!, 0),
        10,
      );
      expect(outcomes[i]).toMatchObject({
        tokens: text === '' ? 0 : scored.length,
        bytes: Buffer.byteLength(text) - first,
      });
    }
  });

  it('asks for the prompt once, and nothing twice', async () => {
    const model = await openWith({ chat: false }, { cache: folder });
    server.handle(wellBehaved());
    const request = { prompt: 'One two', continuations: [' three', ' four'] };
    const first = await model.scoreContinuations([request]);
    expect(server.requests.map(({ body }) => body.prompt).sort()).toEqual(['One two', 'One two four', 'One two three']);
    expect(await model.scoreContinuations([request])).toEqual(first);
    expect(server.requests).toHaveLength(3);
  });

  it('fail, rather than be wrong, where the server changes its mind', async () => {
    const model = await openWith({ chat: false });
    const lists = (text: string) => ({ tokens: [text], token_logprobs: [null], top_logprobs: [null] });
    const reply = (logprobs: object | null, completion_tokens = 0) => ({
      choices: [{ text: 'x', finish_reason: 'length', logprobs }],
      usage: { prompt_tokens: 1, completion_tokens },
    });
    for (const [value, reason] of [
      [reply(null), /no log-probabilities came/],
      [reply({ ...lists('One two'), token_logprobs: [null, -1] }), /different lengths/],
      [reply({ ...lists('One two'), top_logprobs: [] }), /different lengths/],
      [reply(lists('two')), /do not spell the text/],
      [reply({ ...lists('One two'), token_logprobs: [1] }), /unexpected form/],
      [reply({ tokens: ['One', ' two'], token_logprobs: [null, null], top_logprobs: [null, null] }), /missing inside/],
      [reply({ tokens: [], token_logprobs: [], top_logprobs: [] }), /do not spell the text/],
    ] as [object, RegExp][]) {
      server.handle((_, response) => sendJson(response, value));
      expect(failureOf((await model.scoreTexts(['One two']))[0]).reason).toMatch(reason);
    }
  });
});

describe('scores where the server does not repeat texts', () => {
  it.each(['ignored', 'refused'] as const)('say so if echo is %s', async (echo) => {
    const model = await openWith({ echo, chat: false });
    expect(model.scoringLimitation).toMatch(/Texts as wholes: not scored.*by the 3 likeliest first tokens/);
    expect(failureOf((await model.scoreTexts(['One two']))[0]).reason).toMatch(/does not repeat a text/);
    const [scores] = await model.scoreContinuations([{ prompt: 'Answer:', continuations: [' A', ' B', ' C'] }]);
    expect(answered(scores).map(({ logProbability, greedy }) => [logProbability, greedy])).toEqual([
      [-1.25, false],
      [-0.5, true],
      // None of the three: at most as likely as the last of them.
      [-2.5, false],
    ]);
    expect(await model.scoreContinuations([{ prompt: 'Answer: ', continuations: ['A', 'B', 'C'] }])).toEqual([scores]);
    expect(server.requests.at(-1)!.body.prompt).toBe('Answer:');
  });

  const prompt = [{ role: 'user', content: 'A or B?' }];

  it('are those of first tokens after conversations', async () => {
    const model = await openWith({ completions: false });
    expect(model.scoringLimitation).toMatch(/Continuations of conversations: by the 3 likeliest/);
    const outcomes = await model.scoreContinuations([
      { prompt, continuations: ['A', 'B', ''] },
      { prompt, continuations: ['A', 'Therefore'] },
      { prompt, continuations: ['X', 'Y'] },
    ]);
    expect(answered(outcomes[0])[0]).toEqual({ logProbability: -1.25, tokens: 1, greedy: false, cleanBorder: true });
    expect(answered(outcomes[0])[2]).toMatchObject({ logProbability: 0, tokens: 0 });
    expect(failureOf(outcomes[1]).reason).toMatch(/"Therefore" is more than one token/);
    expect(failureOf(outcomes[2]).reason).toMatch(/no option is among the 3 likeliest/);
  });

  it('do not take the drawn token for one of the likeliest', async () => {
    const model = await openWith({ completions: false });
    const top = ['A', 'B', 'C', 'unlikely'].map((token, i) => ({ token, logprob: -1 - 4 * i }));
    const content = [{ token: 'unlikely', logprob: -13, top_logprobs: top }];
    server.handle((_, response) => sendChat(response, 'unlikely', { logprobs: { content } }));
    const [scores] = await model.scoreContinuations([{ prompt, continuations: ['A', 'D'] }]);
    expect(answered(scores)[1].logProbability).toBe(-9);
  });

  it('fail where no log-probabilities are told', async () => {
    const model = await openWith({ completions: false, logprobs: false });
    expect(model.scoringLimitation).toMatch(/not scored, as the server tells no log-probabilities/);
    const [scores] = await model.scoreContinuations([{ prompt, continuations: ['A'] }]);
    expect(failureOf(scores).reason).toMatch(/tells no log-probabilities/);
  });
});
