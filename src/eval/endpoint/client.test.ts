import { describe, expect, it } from 'vitest';
import {
  answered,
  askOne,
  conversation,
  endpointFixture,
  failureOf,
  fine,
  inTurn,
  status,
} from './testing/endpoint-fixture.ts';
import { type Handler, sendChat, sendError, startServer } from './testing/test-server.ts';

const endpoint = endpointFixture();

describe('trouble', () => {
  it('asks again after errors of the server', async () => {
    const model = await endpoint.openThen(inTurn(status(500), status(502), fine));
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(endpoint.server.requests).toHaveLength(3);
  });

  it('asks again after a broken connection, before or within the reply', async () => {
    const closed: Handler = (_, response) => void response.destroy();
    const cut: Handler = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"choi');
      setTimeout(() => response.destroy(), 10);
    };
    const model = await endpoint.openThen(inTurn(closed, cut, fine));
    expect(answered(await askOne(model)).text).toBe('fine');
    expect(endpoint.server.requests).toHaveLength(3);
  });

  it('gives up after as many attempts as allowed, and says so', async () => {
    const model = await endpoint.openThen(status(503), { attempts: 3 });
    expect(failureOf(await askOne(model))).toEqual({ kind: 'failed', reason: 'status 503 (status 503), 3 times' });
    expect(endpoint.server.requests).toHaveLength(3);
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    for (const after of [() => '1', () => new Date(Date.now() + 1_999).toUTCString()]) {
      const times: number[] = [];
      const handler: Handler = (request, response) => {
        times.push(performance.now());
        return (times.length === 1 ? status(429, { 'retry-after': after() }) : fine)(request, response);
      };
      const model = await endpoint.openThen(handler, { cache: false });
      expect(answered(await askOne(model)).text).toBe('fine');
      expect(times[1] - times[0]).toBeGreaterThan(950);
    }
  });

  it('makes every request wait, not only the one that was told', async () => {
    const times = new Map<string, number>();
    const model = await endpoint.openThen(
      async ({ body }, response) => {
        const { content } = body.messages[0];
        const isFirst = times.size === 0;
        if (isFirst) status(429, { 'retry-after': '1' })({} as never, response);
        times.set(isFirst ? 'told' : content, performance.now());
        if (isFirst) return;
        // Slow enough for the first one to be told meanwhile, if it came at the same time.
        await new Promise((resolve) => setTimeout(resolve, 500));
        sendChat(response, 'fine');
      },
      { maximumConcurrency: 2 },
    );
    await model.answer(['a', 'b', 'c', 'd'].map(conversation));
    const delay = (name: string) => times.get(name)! - times.get('told')!;
    for (const name of ['a', 'c', 'd']) expect(delay(name), name).toBeGreaterThan(900);
  });

  it('does not wait longer than allowed', async () => {
    const model = await endpoint.openThen(status(429, { 'retry-after': '3600' }), { longestWaitSeconds: 10 });
    expect(failureOf(await askOne(model)).reason).toMatch(/asks to wait 3600 s/);
    expect(endpoint.server.requests).toHaveLength(1);
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
    const model = await endpoint.openThen(handler, { timeoutSeconds: 0.15, attempts: 2 });
    const start = performance.now();
    expect(failureOf(await askOne(model))).toEqual({
      kind: 'timeout',
      reason: 'no whole reply within 0.15 s, 2 times',
    });
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(endpoint.server.requests).toHaveLength(2);
  });

  it('stops reading a reply that is too large', async () => {
    let written = 0;
    const model = await endpoint.openThen(
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
    expect(endpoint.server.requests).toHaveLength(1);
    expect(written).toBeLessThan(50e6);
  });

  it('throws what makes every further request pointless, and ends those under way', async () => {
    const model = await endpoint.openThen(({ body }, response) => {
      if (body.messages[0].content === 'bad') sendError(response, 401, 'revoked');
    });
    const told: number[] = [];
    const start = performance.now();
    const asking = model.answer(['slow', 'bad', 'slow'].map(conversation), { onOutcome: (index) => told.push(index) });
    await expect(asking).rejects.toThrow(/status 401 \(revoked\)/);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(told).toEqual([]);
  });

  it('throws what the caller throws, and ends those under way', async () => {
    const model = await endpoint.openThen(({ body }, response) => {
      if (body.messages[0].content === 'quick') sendChat(response, 'fine');
    });
    const onOutcome = () => {
      throw new Error('disk full');
    };
    const start = performance.now();
    await expect(model.answer(['slow', 'quick'].map(conversation), { onOutcome })).rejects.toThrow('disk full');
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('sends nothing to where another host redirects', async () => {
    const other = await startServer(fine);
    try {
      const model = await endpoint.openThen((_, response) => {
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
    const moved = await endpoint.openThen(inTurn(to(308, '/v1/elsewhere'), fine));
    expect(answered(await askOne(moved)).text).toBe('fine');
    expect(endpoint.server.requests.at(-1)).toMatchObject({ route: '/elsewhere', body: { max_tokens: 16 } });
    endpoint.server.handle(to(302, '/v1/elsewhere'));
    await expect(askOne(moved, conversation('other'))).rejects.toThrow(/loses what was asked/);
    endpoint.server.handle(to(307, '/v1/elsewhere'));
    await expect(askOne(moved, conversation('third'))).rejects.toThrow(/more than 3 redirects/);
    expect(endpoint.server.requests).toHaveLength(4);
  });

  it('ends at once when aborted, with the reason', async () => {
    const model = await endpoint.openThen(() => {});
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
    const model = await endpoint.openThen(() => {});
    const asking = askOne(model);
    setTimeout(() => model.close(), 50);
    await expect(asking).rejects.toThrow('the endpoint was closed');
  });

  it('asks for fewer at once under overload', async () => {
    const underWay: number[] = [];
    let active = 0;
    const model = await endpoint.openThen(async (_, response) => {
      const refused = underWay.push(++active) <= 10;
      do await new Promise((resolve) => setTimeout(resolve, 15));
      while (underWay.length < 4);
      active--;
      if (refused) sendError(response, 429, 'slow down');
      else sendChat(response, 'fine');
    });
    const outcomes = await model.answer(Array.from({ length: 24 }, (_, i) => conversation(`${i}`)));
    for (const outcome of outcomes) answered(outcome);
    expect(Math.max(...underWay.slice(0, 4))).toBe(4);
    expect(Math.max(...underWay.slice(4, 10))).toBeLessThanOrEqual(2);
  });
});
