/** A server on this machine that answers as a test tells it to. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toyLogprobs, toyScores } from './toy-language.ts';

interface ReceivedRequest {
  readonly route: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was sent
  readonly body: any;
}

export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export interface TestServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** From now on; what was received is forgotten. */
  handle(handler: Handler): void;
  close(): Promise<void>;
}

export async function startServer(first: Handler): Promise<TestServer> {
  let handler = first;
  let requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const route = incoming.url!.replace('/v1', '');
    const request = { route, headers: incoming.headers, body: text === '' ? undefined : JSON.parse(text) };
    requests.push(request);
    await handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get requests() {
      return requests;
    },
    handle(next) {
      handler = next;
      requests = [];
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export function sendError(response: ServerResponse, status: number, message: string, code?: string): void {
  sendJson(response, { error: { message, code, type: 'error' } }, status);
}

const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };

export function sendChat(response: ServerResponse, content: string | null, choice: object = {}): void {
  const message = { role: 'assistant', content };
  sendJson(response, { choices: [{ index: 0, message, finish_reason: 'stop', ...choice }], usage });
}

export interface Manners {
  /** Put before every text. */
  readonly before?: readonly string[];
  readonly chat?: boolean;
  readonly completions?: boolean;
  /** What comes of `echo`: the whole, only the new token (llama.cpp), or an error. */
  readonly echo?: 'whole' | 'ignored' | 'refused';
  readonly logprobs?: boolean;
}

/** A server that does what it should, within its means. */
export function wellBehaved(manners: Manners = {}): Handler {
  const { before = [], chat = true, completions = true, echo = 'whole', logprobs = true } = manners;
  return ({ route, body }, response) => {
    if (route === '/models') {
      return sendJson(response, { object: 'list', data: [{ id: 'toy', object: 'model', max_model_len: 512 }] });
    }
    if (route === '/chat/completions' && chat) {
      const content = [{ token: 'B', logprob: -0.5, top_logprobs: firstTokens }];
      return sendChat(response, 'B', logprobs && body.logprobs ? { logprobs: { content } } : {});
    }
    if (route !== '/completions' || !completions) return sendError(response, 404, 'no such route');
    if (body.echo && echo === 'refused') return sendError(response, 400, 'echo is not supported');
    const repeats = body.echo && echo === 'whole';
    const prompt = repeats ? toyScores(body.prompt, before) : [];
    const added = { token: ' end', logProbability: -0.25, likeliest: true };
    const lists = repeats ? toyLogprobs([...prompt, added]) : { ...toyLogprobs([added]), top_logprobs: [topRecord] };
    const text = `${repeats ? body.prompt : ''} end`;
    const choice = { index: 0, text, finish_reason: 'length', ...(logprobs && body.logprobs && { logprobs: lists }) };
    sendJson(response, { choices: [choice], usage: { prompt_tokens: prompt.length || 3, completion_tokens: 1 } });
  };
}

const firstTokens = [
  { token: 'B', logprob: -0.5 },
  { token: 'A', logprob: -1.25 },
  { token: 'The', logprob: -2.5 },
];

const topRecord = { ' B': -0.5, ' A': -1.25, ' The': -2.5 };
